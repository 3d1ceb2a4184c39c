"use strict";
(() => {
const source = document.getElementById("item-data");
const list = document.getElementById("item-list");
if (!source || !list) return;
const data = JSON.parse(source.textContent);
const form = document.getElementById("item-filters");
const status = document.getElementById("item-status");
const perPage = 20;
let found = data.items;
let page = 0;

function element(name, style, text) {
  const made = document.createElement(name);
  if (style) made.className = style;
  if (text !== undefined) made.textContent = text;
  return made;
}

const verdictOf = (answer) => answer.error ? "error" : answer.letter === "" ? "none"
  : answer.right ? "right" : "wrong";

const changes = {
  differ: (one, other) => one.right !== other.right,
  letters: (one, other) => one.letter !== other.letter,
  gained: (one, other) => one.right && !other.right,
  lost: (one, other) => !one.right && other.right,
};

function chosen(value) {
  return value === "" ? data.runs.map((name, run) => run) : [Number(value)];
}

function matches(item, wanted) {
  if (wanted.group !== "" && !item.groups.includes(wanted.group)) return false;
  if (wanted.words !== "") {
    const texts = [item.question, item.id, ...Object.values(item.options)];
    if (!texts.some((text) => text.toLowerCase().includes(wanted.words))) return false;
  }
  const runs = wanted.runs.filter((run) => item.answers[run]);
  if (wanted.verdict !== "") {
    const isWanted = (run) => verdictOf(item.answers[run]) === wanted.verdict
      || (wanted.verdict === "wrong" && !item.answers[run].right);
    if (!runs.some(isWanted)) return false;
  }
  if (wanted.change !== "") {
    const others = wanted.others.filter((run) => item.answers[run]);
    const test = changes[wanted.change];
    if (!runs.some((run) => others.some((other) => run !== other
      && test(item.answers[run], item.answers[other])))) return false;
  }
  return true;
}

function optionsOf(item) {
  const options = element("ol", "options");
  for (const [letter, text] of Object.entries(item.options)) {
    const isGold = letter === item.gold;
    const line = element("li", isGold ? "is-gold" : "");
    line.append(element("b", "", letter), " " + text);
    if (isGold) line.append(" ", element("em", "", "correct"));
    options.append(line);
  }
  return options;
}

function imageOf(item) {
  if (item.picture === null) {
    return element("p", "picture quiet", "The image is not in this page: " + item.file);
  }
  const image = element("img", "picture");
  image.alt = "the image asked about";
  image.src = data.pictures[item.picture];
  return image;
}

function replyOf(answer, run) {
  const section = element("section", "series" + run % data.series);
  section.append(element("h4", "", data.runs[run]));
  const verdict = element("p", "verdict");
  verdict.append((answer.error ? "not asked" : answer.letter || "no answer") + " ");
  verdict.append(element("b", answer.right ? "right" : "wrong", answer.right ? "right" : "wrong"));
  section.append(verdict);
  if (answer.error) section.append(element("p", "error", answer.error));
  if (answer.probabilities) {
    const shares = element("ul", "probabilities");
    for (const [letter, share] of Object.entries(answer.probabilities)) {
      shares.append(element("li", "", letter + " " + (100 * share).toFixed(1) + " %"));
    }
    section.append(shares);
  }
  if (answer.votes) {
    const votes = answer.votes.map((letter) => letter || "none").join(", ");
    section.append(element("p", "quiet", "votes: " + votes));
  }
  if (answer.reply) section.append(element("p", "reply", answer.reply));
  if (answer.cut) section.append(element("p", "quiet", "(cut here)"));
  return section;
}

function lineOf(answer, run) {
  const line = element("li", "quiet", data.runs[run] + ": " + (answer.letter || "no answer") + " ");
  line.append(element("b", answer.right ? "right" : "wrong", answer.right ? "right" : "wrong"));
  return line;
}

function articleOf(item) {
  const article = element("article", "example");
  const asked = element("div", "asked");
  const words = element("div");
  const replies = element("div", "replies");
  words.append(element("h3", "", item.question), optionsOf(item), element("p", "quiet", item.id));
  asked.append(imageOf(item), words);
  const conditions = element("ul");
  item.answers.forEach((answer, run) => {
    if (!answer) return;
    if (run < data.evaluated) replies.append(replyOf(answer, run));
    else conditions.append(lineOf(answer, run));
  });
  article.append(asked, replies);
  if (conditions.children.length > 0) {
    const folded = element("details");
    folded.append(element("summary", "", "Under other conditions"), conditions);
    article.append(folded);
  }
  return article;
}

function show() {
  const first = page * perPage;
  const shown = found.slice(first, first + perPage);
  list.replaceChildren(...shown.map(articleOf));
  status.textContent = found.length === 0 ? "No question is like that."
    : "Questions " + (first + 1) + " to " + (first + shown.length) + " of " + found.length;
  document.getElementById("item-previous").disabled = page === 0;
  document.getElementById("item-next").disabled = first + perPage >= found.length;
}

function filter() {
  const value = (name) => form.elements[name].value;
  const wanted = {
    runs: chosen(value("run")), others: chosen(value("other")), verdict: value("verdict"),
    change: value("change"), group: value("group"), words: value("words").trim().toLowerCase(),
  };
  found = data.items.filter((item) => matches(item, wanted));
  page = 0;
  show();
}

function turn(pages) {
  page += pages;
  show();
  form.scrollIntoView();
}

form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(filter));
document.getElementById("item-previous").addEventListener("click", () => turn(-1));
document.getElementById("item-next").addEventListener("click", () => turn(1));
show();
})();
