//! The frame of a page: header, navigation, where the page stands, footer.

use base::{Day, short_day};
use lang::Lang;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::ask::{Asked, link_with};
use crate::{assets, pieces};

/// Everything that a page needs besides its body.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The language of the page.
    pub lang: Lang,
    /// The title of the page, without the name of the product.
    pub title: String,
    /// Path and query of the request, so that a change of language stays on the page.
    pub path: String,
    /// The name of the province, shown beside the wordmark; empty when not known.
    pub place: String,
    /// The entry of the main navigation that is lit.
    pub section: Section,
    /// The map and the day that the page stands on, in words; none on pages without figures.
    pub ground: Option<Ground>,
    /// The name of the account that is signed in.
    pub account: Option<String>,
    /// The token that forms of this session carry.
    pub csrf: Option<String>,
    /// A message above the body.
    pub notice: Option<Notice>,
}

impl Frame {
    /// A frame for the one who asks: language, address, province and account come from the request.
    #[must_use]
    pub fn new(asked: &Asked, section: Section, title: impl Into<String>) -> Self {
        Self {
            lang: asked.lang,
            title: title.into(),
            path: asked.path_and_query.clone(),
            place: asked.place.to_string(),
            section,
            ground: None,
            account: asked.visitor.as_ref().map(|visitor| visitor.name.clone()),
            csrf: asked.visitor.as_ref().map(|visitor| visitor.csrf.clone()),
            notice: None,
        }
    }

    /// Says on which map and day the figures of the page stand.
    #[must_use]
    pub fn standing(self, standing: Standing) -> Self {
        let ground = standing.words(self.lang);
        self.ground(ground)
    }

    /// Says where the page stands in words of its own, such as the day of one record.
    #[must_use]
    pub fn ground(mut self, ground: Ground) -> Self {
        self.ground = Some(ground);
        self
    }

    /// Puts a message above the body.
    #[must_use]
    pub fn notice(mut self, notice: Notice) -> Self {
        self.notice = Some(notice);
        self
    }
}

/// The entries of the main navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The first page.
    Overview,
    /// Administrative units and their history (*đơn vị hành chính*).
    Units,
    /// Indicators and their figures (*chỉ tiêu*).
    Indicators,
    /// Targets of plans (*chỉ tiêu kế hoạch*).
    Targets,
    /// Emulation campaigns (*thi đua*).
    Campaigns,
    /// Forms of reports, and what was published (*báo cáo*).
    Reports,
    /// Figures that were reported or published (*số liệu công bố*).
    Claims,
    /// Addresses and units from one map to another.
    Converter,
    /// Data entry and mergers, for those who are signed in.
    Work,
    /// A page outside the navigation, such as signing in, or one that the foot of each page names.
    Elsewhere,
}

impl Section {
    const ALL: [Self; 9] = [
        Self::Overview,
        Self::Units,
        Self::Indicators,
        Self::Targets,
        Self::Campaigns,
        Self::Reports,
        Self::Claims,
        Self::Converter,
        Self::Work,
    ];

    /// The address of the section's first page.
    #[must_use]
    pub const fn href(self) -> &'static str {
        match self {
            Self::Overview | Self::Elsewhere => "/",
            Self::Units => "/units",
            Self::Indicators => "/indicators",
            Self::Targets => "/targets",
            Self::Campaigns => "/campaigns",
            Self::Reports => "/reports",
            Self::Claims => "/claims",
            Self::Converter => "/converter",
            Self::Work => "/tasks",
        }
    }

    /// The section's name.
    #[must_use]
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Overview | Self::Elsewhere => lang::nav::overview(lang),
            Self::Units => lang::nav::units(lang),
            Self::Indicators => lang::nav::indicators(lang),
            Self::Targets => lang::targets::title(lang),
            Self::Campaigns => lang::campaigns::section(lang),
            Self::Reports => lang::reports::title(lang),
            Self::Claims => lang::nav::claims(lang),
            Self::Converter => lang::nav::converter(lang),
            Self::Work => lang::nav::work(lang),
        }
    }
}

/// Where the figures of a page stand: on which map, up to which day, and whether they are real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The day of the administrative map.
    pub map: Day,
    /// The last day that the figures count.
    pub day: Day,
    /// Whether the page shows data that was made up to show the program.
    pub made_up: bool,
}

impl Standing {
    /// The same in words.
    #[must_use]
    pub fn words(self, lang: Lang) -> Ground {
        let lines = vec![
            lang::web::standing_map(lang, short_day(self.map)),
            lang::web::standing_day(lang, short_day(self.day)),
        ];
        Ground { lines, made_up: self.made_up }
    }
}

/// Where a page stands, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ground {
    /// The map, the days, and as known when.
    pub lines: Vec<String>,
    /// Whether the page shows data that was made up to show the program.
    pub made_up: bool,
}

/// A message above the body of a page.
#[derive(Clone, Debug)]
pub enum Notice {
    /// Something was done.
    Done(String),
    /// Something to beware of.
    Warning(String),
    /// Something to know.
    Note(String),
}

/// A whole page around its body. The body brings its own `h1`, see [`pieces::heading`].
#[must_use]
pub fn layout(frame: &Frame, body: Markup) -> Markup {
    let PreEscaped(body) = body;
    let lang = frame.lang;
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (lang::web::page_title(lang, &frame.title)) }
                link rel="stylesheet" href=(assets::stylesheet());
                link rel="icon" type="image/svg+xml" href=(assets::icon());
            }
            body {
                a.skip href="#main" { (lang::nav::skip(lang)) }
                (header(frame))
                @if let Some(ground) = &frame.ground { (standing_line(lang, ground)) }
                main id="main" tabindex="-1" {
                    @if lang == Lang::Khmer {
                        p.unchecked { (lang::web::khmer_unchecked(lang)) }
                    }
                    @if let Some(notice) = &frame.notice { (pieces::notice(lang, notice)) }
                    (PreEscaped(body))
                }
                (footer(frame))
            }
        }
    }
}

fn header(frame: &Frame) -> Markup {
    let lang = frame.lang;
    html! {
        header.top {
            div.brand {
                a.wordmark href="/" {
                    (seal())
                    span { (lang::web::product(lang)) }
                }
                @if !frame.place.is_empty() { p.place { (frame.place) } }
                div.reader { (languages(frame)) (account(frame)) }
            }
            nav.sections aria-label=(lang::nav::main(lang)) {
                ul {
                    @for section in Section::ALL {
                        @if section != Section::Work || frame.account.is_some() {
                            li {
                                a href=(section.href())
                                    aria-current=[(section == frame.section).then_some("page")] {
                                    (section.label(lang))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The seal of the wordmark: an open book in a square stamp.
fn seal() -> Markup {
    html! {
        svg.seal viewBox="0 0 32 32" aria-hidden="true" focusable="false" {
            rect width="32" height="32" rx="5" {}
            path d="M7 9c3-1.3 6-1.1 9 .8 3-1.9 6-2.1 9-.8v14c-3-1.3-6-1.1-9 .8-3-1.9-6-2.1-9-.8zM16 9.8v14" {}
        }
    }
}

fn languages(frame: &Frame) -> Markup {
    html! {
        nav.languages aria-label=(lang::nav::language(frame.lang)) {
            ul {
                @for lang in Lang::ALL {
                    li {
                        a href=(link_with(&frame.path, "lang", lang.tag()))
                            lang=(lang.tag()) hreflang=(lang.tag())
                            aria-current=[(lang == frame.lang).then_some("true")] {
                            (lang.own_name())
                        }
                    }
                }
            }
        }
    }
}

fn account(frame: &Frame) -> Markup {
    let lang = frame.lang;
    html! {
        div.account {
            @if let Some(name) = &frame.account {
                a.name href="/account" title=(lang::account::title(lang)) { (name) }
                (pieces::form("/sign-out", frame.csrf.as_deref(), html! {
                    button.link type="submit" { (lang::nav::sign_out(lang)) }
                }))
            } @else {
                a href="/sign-in" { (lang::nav::sign_in(lang)) }
            }
        }
    }
}

fn standing_line(lang: Lang, ground: &Ground) -> Markup {
    html! {
        aside.standing aria-label=(lang::web::standing(lang)) {
            p {
                @for line in &ground.lines { span { (line) } }
                @if ground.made_up { span { (pieces::badge(lang, pieces::Badge::MadeUp)) } }
            }
        }
    }
}

fn footer(frame: &Frame) -> Markup {
    let lang = frame.lang;
    html! {
        footer.bottom {
            p { (lang::web::about(lang)) }
            ul {
                li { a href="/agencies" { (lang::organisation::agencies(lang)) } }
                li { a href="/sources" { (lang::nav::sources(lang)) } }
                li { a href="/my-data" { (lang::my_data::title(lang)) } }
                li { a href="/seals" { (lang::seals::title(lang)) } }
                li { a href="/api/v1/docs" { (lang::nav::api(lang)) } }
                @if frame.account.is_none() {
                    li { a href="/sign-in" { (lang::nav::sign_in(lang)) } }
                }
            }
        }
    }
}
