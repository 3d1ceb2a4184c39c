"use strict";
const form = document.getElementById("sheet");
const rater = document.getElementById("rater");
const progress = document.getElementById("progress");
const message = document.getElementById("message");
const items = Array.from(document.querySelectorAll(".item"));
const sheet = form.dataset.sheet;
const place = "litemedcot-review-" + sheet;
const questions = ["answer", "findings", "leads", "acceptable"];

function field(item, name) {
  return form.elements[name + "-" + item.dataset.item];
}

function ratingOf(item) {
  const rating = { item: Number(item.dataset.item) };
  for (const name of questions) rating[name] = field(item, name).value;
  rating.comment = field(item, "comment").value.trim();
  return rating;
}

const isBegun = (rating) => rating.comment !== "" || questions.some((name) => rating[name] !== "");
const isDone = (rating) => questions.every((name) => rating[name] !== "");

function ratings() {
  const all = items.map(ratingOf).filter(isBegun);
  return { schema: 1, sheet: sheet, rater: rater.value.trim(), items: all };
}

function show() {
  let done = 0;
  for (const item of items) {
    const whole = isDone(ratingOf(item));
    item.classList.toggle("done", whole);
    if (whole) done += 1;
  }
  progress.textContent = done + " of " + items.length + " rated";
}

function keep() {
  show();
  message.textContent = "";
  try {
    localStorage.setItem(place, JSON.stringify(ratings()));
  } catch (error) {
    message.textContent = "This browser keeps nothing: save before you close the page.";
  }
}

function restore() {
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(place));
  } catch (error) {
    message.textContent = "This browser keeps nothing: save before you close the page.";
  }
  if (!kept || kept.sheet !== sheet) return;
  rater.value = kept.rater;
  for (const rating of kept.items) {
    const item = items[rating.item - 1];
    if (!item) continue;
    for (const name of [...questions, "comment"]) field(item, name).value = rating[name];
  }
}

function save() {
  const name = rater.value.trim();
  if (name === "") {
    message.textContent = "Enter your name or initials first.";
    rater.focus();
    return;
  }
  const text = JSON.stringify(ratings(), null, 2) + "\n";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = "ratings-" + name.replace(/[^A-Za-z0-9_-]+/g, "-") + "-" + sheet + ".json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  message.textContent = "Saved as " + link.download + ".";
}

function next() {
  const open = items.find((item) => !isDone(ratingOf(item)));
  if (!open) {
    message.textContent = "All are rated. Save the ratings.";
    return;
  }
  const missing = questions.find((name) => field(open, name).value === "");
  open.querySelector("input[name=" + missing + "-" + open.dataset.item + "]").focus();
  open.scrollIntoView();
}

restore();
show();
form.addEventListener("input", keep);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("save").addEventListener("click", save);
document.getElementById("next").addEventListener("click", next);
