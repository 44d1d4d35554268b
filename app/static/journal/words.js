// The words of the page, which the template gives in the reader's language, and how numbers and days are said.
const given = document.getElementById("words");
const words = given ? JSON.parse(given.textContent) : {};
const language = document.documentElement.lang || "ru";

/** Made at the first use: the first key must not wait for formats that nobody has asked for yet. */
const lazily = (make) => { let made; return () => (made ??= make()); };
const days = (options) => lazily(() => new Intl.DateTimeFormat(language, options));
const plural = lazily(() => new Intl.PluralRules(language));
const shortDay = days({ weekday: "short", day: "numeric", month: "short" });
const monthName = days({ month: "long" });
const weekday = days({ weekday: "short" });
const moment = days({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** A word by its name; {name} in it is filled from `values`. */
export function say(name, values = {}) {
  return (words[name] ?? name).replace(/\{(\w+)\}/g, (_all, key) => values[key] ?? "");
}

/** A counted word: the template gives it for 1, 2 and 5. */
export function count(name, number) {
  const forms = words[name] ?? ["1", "2", "5"];
  const form = { one: 0, few: 1 }[plural().select(number)] ?? 2;
  return forms[form].replace(/\d+/, number);
}

const dayOf = (iso) => { const [year, month, day] = iso.split("-"); return new Date(year, month - 1, day); };
export const sayDay = (iso) => shortDay().format(dayOf(iso));
export const sayMonth = (iso) => monthName().format(dayOf(iso));
export const sayWeekday = (iso) => weekday().format(dayOf(iso));
export const sayMoment = (iso) => moment().format(new Date(iso));
const comma = language.startsWith("en") ? "." : ",";
/** An average in hundredths: 4,33. */
export const sayAverage = (hundredths) => (hundredths === null ? "" : (hundredths / 100).toFixed(2).replace(".", comma));

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
/** Text for use inside HTML. */
export const escape = (text) => String(text ?? "").replace(/[&<>"']/g, (sign) => ENTITIES[sign]);
