/**
 * What JavaScript adds to pages that work without it: GOV.UK Frontend's components, copy buttons, the menu on a phone.
 * The address of GOV.UK Frontend comes from this script's own tag, because file names may carry a hash.
 */

/** Fold the navigation behind a button where there is no room for it. */
function initialiseMenu() {
  const toggle = document.querySelector(".reg-nav__toggle");
  const list = document.getElementById("navigation");
  if (!toggle || !list) return;
  const wide = window.matchMedia("(min-width: 48.0625rem)");
  const show = (open) => {
    toggle.setAttribute("aria-expanded", String(open));
    list.hidden = !open;
  };
  const adapt = () => {
    toggle.hidden = wide.matches;
    show(wide.matches);
  };
  toggle.addEventListener("click", () => show(list.hidden));
  toggle.closest("nav").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !wide.matches && !list.hidden) {
      show(false);
      toggle.focus();
    }
  });
  wide.addEventListener("change", adapt);
  adapt();
}

/** Copy the words of a block, and say so: beside the button and to a screen reader. */
function initialiseCopy(block) {
  const button = block.querySelector(".reg-copy__button");
  const word = block.querySelector(".reg-copy__word");
  const text = block.querySelector(".reg-copy__text");
  const status = block.querySelector("[role=status]");
  if (!button || !text || !button.hidden) return;
  button.hidden = false;
  let timer;
  button.addEventListener("click", async () => {
    const done = await copy(text);
    word.textContent = done ? "Copied" : "Selected";
    status.textContent = done
      ? "Copied. You can paste it now."
      : "The words are selected. Copy them with Control and C, or Command and C.";
    button.classList.toggle("reg-copy__button--done", done);
    clearTimeout(timer);
    timer = setTimeout(() => {
      word.textContent = "Copy";
      status.textContent = "";
      button.classList.remove("reg-copy__button--done");
    }, 4000);
  });
}

/** True when the words are on the clipboard; false when they are only selected (no permission, or plain HTTP). */
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent.trim());
    return true;
  } catch {
    window.getSelection().selectAllChildren(element);
    return false;
  }
}

function initialise(root) {
  root.querySelectorAll("[data-module=reg-copy]").forEach(initialiseCopy);
  root.querySelectorAll("[data-ticks]").forEach(initialiseTicks);
}

/** The ways of narrowing a list stand open beside it, and are folded above it on a phone. */
function initialiseFacets() {
  const fold = document.querySelector(".reg-facets__fold");
  if (!fold) return;
  const wide = window.matchMedia("(min-width: 56rem)");
  const adapt = () => {
    fold.open = wide.matches;
  };
  wide.addEventListener("change", adapt);
  adapt();
}

/** One box that ticks all the others of its form; without JavaScript each is ticked by itself. */
function initialiseTicks(box) {
  const place = box.parentElement;
  if (!place.hidden) return;
  place.hidden = false;
  const others = () => [...box.form.elements].filter((one) => one.name === box.dataset.ticks);
  box.addEventListener("change", () => others().forEach((one) => (one.checked = box.checked)));
}

initialiseMenu();
initialiseFacets();
initialise(document);
// What htmx brings in later wants the same treatment.
document.addEventListener("htmx:after:swap", () => initialise(document));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

const address = document.querySelector("script[data-govuk]")?.dataset.govuk;
if (address) {
  import(address).then(({ initAll }) => initAll());
}
