/* Keyboard shortcuts: `/` searches, `g` and a letter open a page, `?` lists them, arrow keys walk along a chart.
They can be switched off, because speech input and screen readers send single letters too. */
"use strict";

(() => {
    const STORE = "maintenance-keys";
    const PATIENCE = 1500; // milliseconds between the keys of a shortcut
    const STEPS = {ArrowLeft: -1, ArrowRight: 1};
    const dialog = document.getElementById("keys");
    const opener = document.getElementById("keys-open");
    const toggle = document.getElementById("keys-switch");
    let began = 0;

    const walk = (event) => {
        const bar = event.target.closest(".mb-bars a");
        const bars = bar ? [...bar.closest(".mb-bars").querySelectorAll("a")] : [];
        const next = bars[bars.indexOf(bar) + (STEPS[event.key] || 0)];
        if (next && next !== bar) {
            event.preventDefault();
            bar.setAttribute("tabindex", "-1");
            next.removeAttribute("tabindex");
            next.focus();
        }
    };
    document.addEventListener("keydown", walk);
    if (!dialog || !opener) {
        return;
    }

    const remembered = (value) => {
        try {
            if (value !== undefined) {
                localStorage.setItem(STORE, value);
            }
            return localStorage.getItem(STORE);
        } catch {
            return null; // without storage, they are on again on the next page
        }
    };
    const field = document.querySelector("#search, #searchbar");
    const search = () => {
        if (field) {
            field.focus();
        } else {
            location.assign(`${document.querySelector('.mb-nav [data-key="j"]').href}#search`);
        }
    };
    const press = (event) => {
        const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
        if (!toggle.checked || isTyping || dialog.open || event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }
        const isSecond = Date.now() - began < PATIENCE;
        began = 0;
        const link = isSecond && /^[a-z]$/.test(event.key) && document.querySelector(`.mb-nav [data-key="${event.key}"]`);
        if (link) {
            location.assign(link.href);
        } else if (event.key === "g") {
            began = Date.now();
        } else if (event.key === "/") {
            event.preventDefault();
            search();
        } else if (event.key === "?") {
            dialog.showModal();
        }
    };

    toggle.checked = remembered() !== "off";
    toggle.addEventListener("change", () => remembered(toggle.checked ? "on" : "off"));
    opener.addEventListener("click", () => dialog.showModal());
    opener.hidden = false;
    document.addEventListener("keydown", press);
    if (field && location.hash === "#search") {
        field.focus();
    }
})();
