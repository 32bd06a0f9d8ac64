/* Adds up the basket while quantities are typed. The store works without it. */
(function () {
  "use strict";

  var form = document.getElementById("basket");
  var total = document.getElementById("total");
  var fields = form ? form.querySelectorAll("input[data-price]") : [];
  var money = window.Intl
    ? new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "EUR" })
    : { format: function (value) { return "€ " + value.toFixed(2); } };

  function cents(field) {
    var quantity = Math.max(0, parseInt(field.value, 10) || 0);
    return quantity * Math.round(parseFloat(field.getAttribute("data-price")) * 100);
  }

  function add() {
    var sum = Array.prototype.reduce.call(fields, function (so_far, field) {
      return so_far + cents(field);
    }, 0);
    total.textContent = money.format(sum / 100);
  }

  if (form && total) {
    form.addEventListener("input", add);
    total.parentNode.hidden = false;
    add();
  }
})();
