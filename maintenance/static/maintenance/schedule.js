/* Shows the meaning of a cron expression while it is typed. The server reads it. Without this script, Preview does. */
"use strict";

(() => {
    const form = document.getElementById("schedule-form");
    const field = document.getElementById("cron");
    const error = document.getElementById("cron-error");
    if (!form || !window.fetch || !window.DOMParser) {
        return;
    }

    const PARTS = ["cron-error", "cron-sentence", "cron-times"];
    const REST = 300; // milliseconds without a key
    const TIMEOUT = 10000;
    let timer = 0;
    let requested = 0;

    const show = (page) => {
        for (const part of PARTS) {
            document.getElementById(part).replaceChildren(...page.getElementById(part).childNodes);
        }
        if (error.textContent) {
            field.setAttribute("aria-invalid", "true");
        } else {
            field.removeAttribute("aria-invalid");
        }
    };

    const check = async () => {
        requested += 1;
        const number = requested;
        try {
            const query = new URLSearchParams({cron: field.value, job: form.dataset.job});
            const response = await fetch(`${form.dataset.meaning}?${query}`, {
                credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(TIMEOUT),
            });
            if (!response.ok || response.redirected) {
                throw new Error(String(response.status));
            }
            const page = new DOMParser().parseFromString(await response.text(), "text/html");
            if (number === requested) {
                show(page);
            }
        } catch {
            if (number === requested) {
                error.textContent = form.dataset.lost;
            }
        }
    };

    field.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(check, REST);
    });
    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-fill]");
        if (button) {
            event.preventDefault();
            field.value = button.dataset.fill;
            field.focus();
            check();
        }
    });
    document.getElementById("preview").hidden = true;
})();
