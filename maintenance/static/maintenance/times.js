/* Shows the viewer's own time beside each time in UTC, where the two differ. */
"use strict";

(() => {
    const IN_UTC = / UTC$/;
    const clock = new Intl.DateTimeFormat(undefined, {hour: "2-digit", minute: "2-digit", timeZoneName: "short"});
    const whole = new Intl.DateTimeFormat(undefined, {dateStyle: "full", timeStyle: "long"});

    const days = (moment) => Math.round((Date.UTC(moment.getFullYear(), moment.getMonth(), moment.getDate())
        - Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth(), moment.getUTCDate())) / 86400000);
    const set = (element, name, value) => {
        if (element.getAttribute(name) !== value) {
            element.setAttribute(name, value);
        }
    };

    const show = () => {
        for (const element of document.querySelectorAll("time[datetime]")) {
            const moment = new Date(element.dateTime);
            if (Number.isNaN(moment.getTime())) {
                continue;
            }
            set(element, "title", whole.format(moment));
            if (moment.getTimezoneOffset() !== 0 && IN_UTC.test(element.textContent)) {
                const shift = days(moment);
                set(element, "data-local", clock.format(moment) + (shift ? ` ${shift > 0 ? "+" : "\u2212"}1 d` : ""));
            }
        }
    };

    document.addEventListener("maintenance:updated", show);
    show();
})();
