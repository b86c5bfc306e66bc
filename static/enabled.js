// Runs before the page is painted, so that what only works with JavaScript is laid out for it from the start.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("govuk-frontend-supported");
}
