// Elements found and made. Every text goes in as text, never as markup.

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`no ${type.name} has the id ${id}`);
  return found;
}

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} style  classes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, style, ...children) {
  const made = document.createElement(name);
  if (style) made.className = style;
  made.append(...children);
  return made;
}

/**
 * @param {string} style
 * @param {string} text
 * @param {() => void} onClick
 */
export function button(style, text, onClick) {
  const made = element("button", style, text);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}
