// Conveniences only: the report reads without this script.
(function () {
  "use strict";
  var nav = document.querySelector(".csr-contents");
  var links = Array.prototype.slice.call(nav.querySelectorAll("a"));
  var box = nav.querySelector(".csr-filter");
  var menu = document.getElementById("csr-menu");

  // The filter keeps an entry whose words hold what is typed, and the entries above it.
  box.hidden = false;
  box.querySelector("input").addEventListener("input", function (event) {
    var asked = event.target.value.trim().toLowerCase();
    nav.querySelectorAll("li").forEach(function (item) {
      item.hidden = asked !== "" && item.textContent.toLowerCase().indexOf(asked) < 0;
    });
  });

  // The entry of the section being read is marked, and kept in sight.
  var targets = links.map(function (link) {
    return document.getElementById(decodeURIComponent(link.hash.slice(1)));
  });
  var current = null;
  function mark() {
    var found = -1;
    targets.forEach(function (target, i) {
      if (target && target.getBoundingClientRect().top < 120) { found = i; }
    });
    var link = found < 0 ? null : links[found];
    if (link === current) { return; }
    if (current) { current.removeAttribute("aria-current"); }
    current = link;
    if (link) {
      link.setAttribute("aria-current", "true");
      var place = link.getBoundingClientRect(), frame = nav.getBoundingClientRect();
      if (place.top < frame.top + 60 || place.bottom > frame.bottom) {
        nav.scrollTop += place.top - frame.top - frame.height / 3;
      }
    }
  }
  var waiting = false;
  document.addEventListener("scroll", function () {
    if (waiting) { return; }
    waiting = true;
    window.requestAnimationFrame(function () { waiting = false; mark(); });
  }, { passive: true });
  nav.addEventListener("click", function (event) {
    if (event.target.closest("a")) { menu.checked = false; }
  });
  mark();
})();
