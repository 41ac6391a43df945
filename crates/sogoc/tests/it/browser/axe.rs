//! axe-core, which finds what keeps people from using a page.

use std::sync::OnceLock;

use super::client::Browser;
use super::driver::missing;

/// What is asked of a page.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rules {
    /// WCAG 2.2, levels A and AA.
    All,
    /// Those that depend on the width of the screen and on its colours.
    OfLooks,
}

impl Rules {
    const fn wish(self) -> &'static str {
        match self {
            Self::All => {
                "{ type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }"
            }
            Self::OfLooks => {
                "{ type: 'rule', values: ['color-contrast', 'target-size', \
                 'scrollable-region-focusable'] }"
            }
        }
    }
}

/// Runs what stands in the place of `RULES`.
const CHECK: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, { runOnly: RULES, resultTypes: ['violations'] })
        .then(found => done(found.violations.map(it => {
            const nodes = it.nodes.map(node => node.target.join(' ') + ' {' + node.failureSummary + '}');
            return it.id + ': ' + nodes.length + ' x ' + nodes.slice(0, 3).join('; ');
        })), error => done(['axe: ' + error]));
";

/// The script of axe; none where `SOGOC_TEST_AXE` does not name its file, unless
/// `SOGOC_TEST_REQUIRE` names `browser`.
pub(crate) fn axe() -> Option<&'static str> {
    static AXE: OnceLock<Option<String>> = OnceLock::new();
    let read = || {
        let text =
            std::env::var_os("SOGOC_TEST_AXE").map(|file| std::fs::read_to_string(file).unwrap());
        if text.is_none() {
            missing("axe-core (SOGOC_TEST_AXE)");
        }
        text
    };
    AXE.get_or_init(read).as_deref()
}

/// What axe finds on the page that is open: the rule and the elements that break it.
pub(crate) fn violations(browser: &Browser, rules: Rules) -> Vec<String> {
    let Some(axe) = axe() else { return Vec::new() };
    if browser.run("return typeof axe") == "undefined" {
        browser.run(axe);
    }
    let found = browser.run_later(&CHECK.replace("RULES", rules.wish()));
    let found = found.as_array().unwrap();
    found.iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}
