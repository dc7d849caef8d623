/* Updates a page automatically: names the versions of the parts that it has, and replaces those that the server sends.

Elements with `data-live` and an id are the parts. A part with `data-kept` is a placeholder: the page has it already. They are
changed node by node, so that focus, selection, scroll position and open details stay. The page says how often it is fetched; a hidden tab fetches nothing. */
"use strict";

(() => {
    const box = document.getElementById("live");
    const toggle = document.getElementById("live-switch");
    const age = document.getElementById("live-age");
    const status = document.getElementById("live-status");
    if (!box || !window.fetch || !window.DOMParser) {
        return;
    }

    const STORE = "maintenance-live";
    const TIMEOUT = 10000;
    const OLD = 90; // seconds after which a page is no verdict any more: three updates were due
    const LONGEST = 6000; // characters of a header: servers refuse 8 KB
    const KEPT = {DETAILS: ["open"], INPUT: ["value"], TIME: ["title", "data-local"]};
    let updated = Date.now();
    let due = 0;
    let lost = false;
    let loggedOut = false;
    let fetching = false;

    const remembered = (value) => {
        try {
            if (value !== undefined) {
                localStorage.setItem(STORE, value);
            }
            return localStorage.getItem(STORE);
        } catch {
            return null; // without storage, the switch is on again on the next page
        }
    };
    const pace = () => 1000 * Number(document.getElementById("live-pace").dataset.every);
    const isOn = () => toggle.checked && !document.hidden && !loggedOut;
    const say = (words) => {
        if (words && status.textContent !== words) {
            status.textContent = words;
        }
    };

    const sameKind = (one, other) => one.nodeType === other.nodeType && one.nodeName === other.nodeName
        && (one.id || "") === (other.id || "");

    const morphAttributes = (now, next) => {
        const kept = KEPT[now.nodeName] || [];
        for (const {name, value} of [...next.attributes]) {
            if (!kept.includes(name) && now.getAttribute(name) !== value) {
                now.setAttribute(name, value);
            }
        }
        for (const {name} of [...now.attributes]) {
            if (!kept.includes(name) && !next.hasAttribute(name)) {
                now.removeAttribute(name);
            }
        }
    };

    /* Move a node within its parent. A node that is moved loses the focus. */
    const move = (node, parent, before) => {
        const focused = node.contains(document.activeElement) ? document.activeElement : null;
        parent.insertBefore(node, before);
        if (focused) {
            focused.focus({preventScroll: true});
        }
    };

    /* Make `now` equal to `next`; equal nodes are not touched. */
    const morph = (now, next) => {
        if (now.isEqualNode(next) || (next.dataset && "kept" in next.dataset)) {
            return;
        }
        if (now.nodeType !== Node.ELEMENT_NODE) {
            now.nodeValue = next.nodeValue;
            return;
        }
        morphAttributes(now, next);
        let here = now.firstChild;
        for (const child of [...next.childNodes]) {
            const same = here && sameKind(here, child) ? here : child.id && now.children.namedItem(child.id);
            if (!same) {
                now.insertBefore(document.importNode(child, true), here);
                continue;
            }
            if (same === here) {
                here = here.nextSibling;
            } else {
                move(same, now, here);
            }
            morph(same, child);
        }
        while (here) {
            const after = here.nextSibling;
            here.remove();
            here = after;
        }
    };

    const show = (page) => {
        const announced = new Map();
        for (const element of document.querySelectorAll("[data-announce]")) {
            announced.set(element.id, element.textContent);
        }
        for (const template of page.querySelectorAll("template")) {
            const next = template.content.firstElementChild;
            const now = document.getElementById(next.id);
            if (now) {
                morph(now, next);
            }
        }
        document.title = page.title || document.title;
        document.dispatchEvent(new Event("maintenance:updated"));
        for (const element of document.querySelectorAll("[data-announce]")) {
            if (announced.get(element.id) !== element.textContent) {
                say(element.textContent.trim());
            }
        }
    };

    const versions = () => [...document.querySelectorAll("[data-live]")].map((part) => part.dataset.live)
        .join(" ").slice(0, LONGEST);

    const update = async () => {
        fetching = true;
        try {
            const response = await fetch(box.dataset.from || location.href.split("#")[0], {
                credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(TIMEOUT),
                headers: {"Maintenance-Have": versions()},
            });
            if (response.redirected) {
                loggedOut = true;
                say(box.dataset.out);
                return;
            }
            if (!response.ok) {
                throw new Error(String(response.status));
            }
            const text = await response.text();
            if (text && isOn()) {
                show(new DOMParser().parseFromString(text, "text/html"));
            }
            updated = Date.now();
            if (lost) {
                lost = false;
                say(box.dataset.back);
            }
        } catch {
            lost = true;
            say(box.dataset.lost);
        } finally {
            fetching = false;
            due = Date.now() + (lost ? Math.min(pace(), 5000) : pace());
        }
    };

    const tick = () => {
        const seconds = Math.round((Date.now() - updated) / 1000);
        const isOld = seconds >= OLD;
        document.body.classList.toggle("mb-stale", lost || loggedOut || isOld);
        let words = box.dataset.updated.replace("{seconds}", String(seconds));
        if (loggedOut) {
            words = box.dataset.out;
        } else if (!toggle.checked) {
            words = box.dataset.off;
        } else if (lost) {
            words = box.dataset.lost;
        }
        if (isOld) {
            words += `; ${box.dataset.old.replace("{minutes}", String(Math.floor(seconds / 60)))}`;
        }
        if (age.textContent !== words) {
            age.textContent = words;
        }
        if (isOn() && !fetching && Date.now() >= due) {
            update();
        }
    };

    /* A double click is one request; the server ensures it too. The button stays focusable. */
    document.addEventListener("submit", (event) => {
        const button = event.submitter;
        if (!button || !button.classList.contains("mb-button") || event.target.method !== "post") {
            return;
        }
        if (button.getAttribute("aria-disabled") === "true") {
            event.preventDefault();
            return;
        }
        button.setAttribute("aria-disabled", "true");
    });
    window.addEventListener("pageshow", () => {
        for (const button of document.querySelectorAll(".mb-button[aria-disabled]")) {
            button.removeAttribute("aria-disabled");
        }
    });

    toggle.checked = remembered() !== "off";
    toggle.addEventListener("change", () => {
        remembered(toggle.checked ? "on" : "off");
        due = 0;
        tick();
    });
    document.addEventListener("visibilitychange", tick);
    box.hidden = false;
    due = Date.now() + pace();
    setInterval(tick, 500);
    tick();
})();
