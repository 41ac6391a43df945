//! What holds for every page: axe, no sideways scrolling, a quiet console, nobody else's server,
//! and a small weight.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::json;

use super::axe::{Rules, violations};
use super::client::{Browser, Scripts};
use super::driver::driver;
use super::lend;
use super::province::shared;
use crate::program::Server;

/// A first visit may weigh so much: the page, the stylesheet and the icon as they are sent.
const HEAVIEST_BYTES: usize = 60_000;
/// The narrowest telephone and an ordinary screen, in CSS pixels.
const WIDTHS: [u32; 2] = [360, 1280];
/// States of pages that links do not lead to, or that look different from the first one.
const STATES: [&str; 11] = [
    "/?lang=vi&map=2025-06-30",
    "/?lang=km",
    "/indicators/digital-models?lang=en",
    "/indicators/online-dossiers?map=2025-06-30&known=01%2F07%2F2026",
    "/figures/online-dossiers/93/2026-Q1?map=2025-06-30&part=denominator",
    "/units/31453?on=2025-07-01",
    "/units?on=2025-06-30&q=vi+thuy",
    "/converter?address=ap+1%2C+vi+thuy&on=2025-06-30",
    "/converter?address=ap+3%2C+xa+vi+thuy&on=2025-07-01",
    "/units/31447?on=2026-01-01",
    "/no-such-page",
];

#[test]
fn public_pages_hold_to_the_rules() {
    audit_public_pages(0);
}

#[test]
fn public_pages_hold_to_the_rules_the_other_half() {
    audit_public_pages(1);
}

/// Every second page: two browsers look at them side by side.
fn audit_public_pages(first: usize) {
    lend(Scripts::On, |browser| {
        browser.turn_to(&shared().url(""));
        let mut faults = Vec::new();
        for path in public_pages().iter().skip(first).step_by(2) {
            browser.goto(path);
            faults.extend(audit(browser, path));
        }
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    });
}

/// Everything that is wrong with the page that is open, in both colours and at every width.
pub(crate) fn audit(browser: &Browser, page: &str) -> Vec<String> {
    let mut faults = build(browser);
    let mut rules = Rules::All;
    for colours in ["light", "dark"] {
        let feature = json!({ "name": "prefers-color-scheme", "value": colours });
        browser.command("Emulation.setEmulatedMedia", &json!({ "features": [feature] }));
        for width in WIDTHS {
            let size =
                json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
            browser.command("Emulation.setDeviceMetricsOverride", &size);
            faults.extend(sideways(browser).map(|fault| format!("{width} px: {fault}")));
            let found = violations(browser, rules);
            // What neither width nor colours can change was looked at by now.
            rules = Rules::OfLooks;
            faults.extend(found.iter().map(|fault| format!("{colours}, {width} px: {fault}")));
        }
    }
    faults.iter().map(|fault| format!("{page}: {fault}")).collect()
}

/// One heading, a title, a language, a quiet console, no other server.
fn build(browser: &Browser) -> Vec<String> {
    let mut faults = Vec::new();
    let headings = browser.texts("h1");
    if headings.len() != 1 {
        faults.push(format!("headings h1: {headings:?}"));
    }
    if browser.title().is_empty() || browser.property("html", "lang").is_empty() {
        faults.push("no title or no language".to_owned());
    }
    faults.extend(browser.complaints().iter().map(|line| format!("console: {line}")));
    let others = browser.run(
        "return performance.getEntriesByType('resource').map(it => it.name)
            .filter(name => !name.startsWith(location.origin) && !name.startsWith('data:'))",
    );
    faults.extend(others.as_array().into_iter().flatten().map(|name| format!("asks {name}")));
    faults
}

/// The first elements that make the page wider than the screen.
fn sideways(browser: &Browser) -> Option<String> {
    let found = browser.run(
        "const root = document.documentElement;
         if (root.scrollWidth <= root.clientWidth) return null;
         const wide = [...document.body.querySelectorAll('*')]
            .filter(it => it.getBoundingClientRect().right > root.clientWidth + 1)
            .slice(0, 3).map(it => it.tagName + '.' + it.getAttribute('class'));
         return root.scrollWidth + ' > ' + root.clientWidth + ' because of ' + wide.join(', ')",
    );
    found.as_str().map(|text| format!("scrolls sideways, {text}"))
}

#[test]
fn pages_without_scripts_are_complete() {
    if driver().is_none() {
        return;
    }
    // The page of an error bears the number of its request.
    const ERRORS: [&str; 2] = ["/no-such-page", "/units/31447?on=2026-01-01"];
    let is_error = |path: &String| ERRORS.contains(&path.as_str());
    let paths: Vec<&String> = public_pages().iter().filter(|path| !is_error(path)).collect();
    let texts = |scripts| {
        let mut texts = Vec::new();
        lend(scripts, |browser| {
            browser.turn_to(&shared().url(""));
            for path in &paths {
                browser.goto(path);
                texts.push(browser.text("body"));
            }
        });
        texts
    };
    let (with, without) = (texts(Scripts::On), texts(Scripts::Off));
    for ((path, with), without) in paths.iter().zip(with).zip(without) {
        assert_eq!(without, with, "{path} without scripts");
    }
}

#[test]
fn first_visit_of_any_page_weighs_little() {
    if driver().is_none() {
        return;
    }
    for path in public_pages() {
        let page = fetch(shared(), path);
        let linked = links(&page.text, "<link ");
        assert_eq!(linked.len(), 2, "{path}: {linked:?}");
        let sent: usize = linked.iter().map(|path| fetch(shared(), path).sent).sum();
        let weight = page.sent + sent;
        assert!(weight <= HEAVIEST_BYTES, "{path} weighs {weight} bytes");
    }
}

/// One page for each pattern of address that links lead to within two steps, and [`STATES`].
fn public_pages() -> &'static [String] {
    static PAGES: OnceLock<Vec<String>> = OnceLock::new();
    PAGES.get_or_init(|| {
        let mut found = BTreeMap::from([("/".to_owned(), "/".to_owned())]);
        let mut to_read = vec!["/".to_owned()];
        for _ in 0..2 {
            let read = to_read.iter().flat_map(|path| links(&fetch(shared(), path).text, "<a "));
            let mut next = Vec::new();
            for path in read.collect::<Vec<_>>() {
                let shape = shape(&path);
                if is_page(&path) && !found.contains_key(&shape) {
                    found.insert(shape, path.clone());
                    next.push(path);
                }
            }
            to_read = next;
        }
        let pages: Vec<String> = found.into_values().chain(STATES.map(ToOwned::to_owned)).collect();
        assert!(pages.len() > 18, "{pages:?}");
        pages
    })
}

/// The pattern of an address: names that stand for one of many become `*`.
fn shape(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut parts = path.trim_start_matches('/').split('/');
    let area = parts.next().unwrap_or_default();
    match area {
        "units" | "indicators" | "figures" | "entries" | "observations" | "campaigns"
        | "reports" | "publications" => {
            format!("/{area}{}", parts.map(|_| "/*").collect::<String>())
        }
        _ => path.to_owned(),
    }
}

fn is_page(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let is_file = ["/evidence", "/proof"].iter().any(|end| path.ends_with(end))
        || ["/seals/", "/tlog/"].iter().any(|start| path.starts_with(start));
    !path.contains('.') && !is_file
}

/// An answer as it came over the wire.
struct Fetched {
    text: String,
    /// Bytes of the body when it may be compressed.
    sent: usize,
}

fn fetch(server: &Server, path: &str) -> Fetched {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build();
    let agent: ureq::Agent = agent.into();
    let mut plain = agent.get(server.url(path)).call().unwrap();
    let text = plain.body_mut().read_to_string().unwrap();
    let asked = agent.get(server.url(path)).header("accept-encoding", "br");
    let sent = asked.call().unwrap().body_mut().read_to_vec().unwrap().len();
    Fetched { text, sent }
}

/// Where the elements with this beginning lead on the server.
fn links(text: &str, element: &str) -> Vec<String> {
    let found = text.split(element).skip(1).filter_map(|rest| {
        let tag = rest.split('>').next()?;
        let href = tag.split_once("href=\"")?.1.split('"').next()?;
        Some(href.replace("&amp;", "&"))
    });
    found.filter(|href| href.starts_with('/')).collect()
}
