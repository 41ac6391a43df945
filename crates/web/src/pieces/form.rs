//! Forms: fields with label, hint and error, and the summary of what to mend.
#![expect(clippy::needless_pass_by_value, reason = "callers write the body in place")]

use base::FieldError;
use lang::Lang;
use maud::{Markup, html};

/// A form that changes something: sent by POST, with the token of the session.
#[must_use]
pub fn form(action: &str, csrf: Option<&str>, body: Markup) -> Markup {
    html! {
        form method="post" action=(action) novalidate {
            (token(csrf))
            (body)
        }
    }
}

/// A form that carries files.
#[must_use]
pub fn upload(action: &str, csrf: Option<&str>, body: Markup) -> Markup {
    html! {
        form method="post" action=(action) enctype="multipart/form-data" novalidate {
            (token(csrf))
            (body)
        }
    }
}

/// A form that only asks, sent by GET, its fields in a row.
#[must_use]
pub fn filter(action: &str, body: Markup) -> Markup {
    html! { form.filter method="get" action=(action) role="search" { (body) } }
}

fn token(csrf: Option<&str>) -> Markup {
    html! { @if let Some(csrf) = csrf { input type="hidden" name="csrf" value=(csrf); } }
}

/// The button that does what the form is for.
#[must_use]
pub fn submit(label: &str) -> Markup {
    html! { button.main type="submit" { (label) } }
}

/// The button that takes something away or undoes it, told apart from those that add.
#[must_use]
pub fn submit_danger(label: &str) -> Markup {
    html! { button.danger type="submit" { (label) } }
}

/// A button of less weight, such as that of a filter.
#[must_use]
pub fn submit_quiet(label: &str) -> Markup {
    html! { button.quiet type="submit" { (label) } }
}

/// What to mend, above the form: each mistake leads to its field. Nothing when all is well.
#[must_use]
pub fn error_summary(lang: Lang, errors: &[FieldError]) -> Markup {
    summary(lang, lang::web::mistakes(lang), errors)
}

/// Like [`error_summary`], above a form that only asks.
#[must_use]
pub fn question_summary(lang: Lang, errors: &[FieldError]) -> Markup {
    summary(lang, lang::web::mistakes_asked(lang), errors)
}

fn summary(lang: Lang, title: &str, errors: &[FieldError]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.mistakes role="alert" tabindex="-1" {
                h2 { (title) }
                ul {
                    @for error in errors {
                        li { a href={ "#" (id(&error.place)) } { (error.text.say(lang)) } }
                    }
                }
            }
        }
    }
}

fn id(name: &str) -> String {
    format!("field-{name}")
}

/// One choice of a select or of radio buttons.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// What is sent.
    pub value: &'a str,
    /// What is shown.
    pub label: &'a str,
}

/// A field of a form: its label, and the input by the method that ends the chain.
///
/// Example: `Field::new(lang, "name", "Tên xã").hint("Như trong nghị quyết").text(&form.name)`
#[derive(Clone, Debug)]
pub struct Field<'a> {
    lang: Lang,
    name: &'a str,
    label: &'a str,
    hint: Option<&'a str>,
    error: Option<String>,
    optional: bool,
}

impl<'a> Field<'a> {
    /// A field that must be filled in.
    #[must_use]
    pub const fn new(lang: Lang, name: &'a str, label: &'a str) -> Self {
        Self { lang, name, label, hint: None, error: None, optional: false }
    }

    /// A sentence under the label: the form of the answer, where to find it.
    #[must_use]
    pub const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Says that the field may stay empty.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Takes the mistakes of this field out of those of the whole form.
    #[must_use]
    pub fn errors(mut self, errors: &[FieldError]) -> Self {
        let mine: Vec<String> = errors
            .iter()
            .filter(|error| error.place == self.name)
            .map(|error| error.text.say(self.lang))
            .collect();
        self.error = (!mine.is_empty()).then(|| mine.join(" "));
        self
    }

    /// One line of text.
    #[must_use]
    pub fn text(self, value: &str) -> Markup {
        self.input("text", None, value)
    }

    /// Words to look for.
    #[must_use]
    pub fn search(self, value: &str) -> Markup {
        self.input("search", None, value)
    }

    /// A whole number or a decimal; phones show digits.
    #[must_use]
    pub fn number(self, value: &str) -> Markup {
        self.input("text", Some("decimal"), value)
    }

    /// A code that is good once: telephones offer it, and no browser keeps it. It may have letters.
    #[must_use]
    pub fn one_time_code(self) -> Markup {
        let input = html! {
            input type="text" id=(id(self.name)) name=(self.name) autocomplete="one-time-code"
                spellcheck="false" autocapitalize="none"
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
        };
        self.around(input)
    }

    /// A day as people write it: 01/07/2025.
    #[must_use]
    pub fn day(self, value: &str) -> Markup {
        self.input("text", Some("numeric"), value)
    }

    /// A password; what was typed is never shown again.
    #[must_use]
    pub fn password(self, autocomplete: &str) -> Markup {
        let input = html! {
            input type="password" id=(id(self.name)) name=(self.name) autocomplete=(autocomplete)
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
        };
        self.around(input)
    }

    /// Several lines of text.
    #[must_use]
    pub fn textarea(self, value: &str, rows: u8) -> Markup {
        let input = html! {
            textarea id=(id(self.name)) name=(self.name) rows=(rows)
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()] { (value) }
        };
        self.around(input)
    }

    /// One of many choices; the first entry is empty and stands for none.
    #[must_use]
    pub fn select(self, choices: &[Choice<'_>], chosen: &str) -> Markup {
        let input = html! {
            select id=(id(self.name)) name=(self.name)
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()] {
                option value="" { (lang::web::choose(self.lang)) }
                @for choice in choices {
                    option value=(choice.value) selected[choice.value == chosen] { (choice.label) }
                }
            }
        };
        self.around(input)
    }

    /// One of few choices, all in sight.
    #[must_use]
    pub fn radios(self, choices: &[Choice<'_>], chosen: &str) -> Markup {
        html! {
            fieldset.field.wrong[self.error.is_some()] aria-describedby=[self.described_by()] {
                legend { (self.label) (self.may_be_empty()) }
                (self.below())
                @for (at, choice) in choices.iter().enumerate() {
                    // The error summary leads to the first choice.
                    @let own = if at == 0 { id(self.name) } else { format!("{}-{at}", id(self.name)) };
                    div.choice {
                        input type="radio" id=(own) name=(self.name) value=(choice.value)
                            checked[choice.value == chosen];
                        label for=(own) { (choice.label) }
                    }
                }
            }
        }
    }

    /// Yes or no: one box, sent as `yes` when ticked.
    #[must_use]
    pub fn tick(self, ticked: bool) -> Markup {
        html! {
            div.field.wrong[self.error.is_some()] {
                (self.below())
                div.choice {
                    input type="checkbox" id=(id(self.name)) name=(self.name) value="yes"
                        checked[ticked] aria-describedby=[self.described_by()];
                    label for=(id(self.name)) { (self.label) }
                }
            }
        }
    }

    /// A file; `accept` lists endings or media types.
    #[must_use]
    pub fn file(self, accept: &str) -> Markup {
        let input = html! {
            input type="file" id=(id(self.name)) name=(self.name) accept=(accept)
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
        };
        self.around(input)
    }

    /// Label, hint and error around an input of the caller's, whose id is `field-{name}`.
    #[must_use]
    pub fn around(self, input: Markup) -> Markup {
        html! {
            div.field.wrong[self.error.is_some()] {
                label for=(id(self.name)) { (self.label) (self.may_be_empty()) }
                (self.below())
                (input)
            }
        }
    }

    fn input(self, kind: &str, mode: Option<&str>, value: &str) -> Markup {
        let input = html! {
            input type=(kind) inputmode=[mode] id=(id(self.name)) name=(self.name) value=(value)
                aria-describedby=[self.described_by()] aria-invalid=[self.invalid()];
        };
        self.around(input)
    }

    fn may_be_empty(&self) -> Markup {
        html! { @if self.optional { " " span.optional { "(" (lang::web::optional(self.lang)) ")" } } }
    }

    fn below(&self) -> Markup {
        html! {
            @if let Some(hint) = self.hint { p.hint id={ (id(self.name)) "-hint" } { (hint) } }
            @if let Some(error) = &self.error {
                p.error id={ (id(self.name)) "-error" } {
                    strong { (lang::web::mistake(self.lang)) } " " (error)
                }
            }
        }
    }

    fn described_by(&self) -> Option<String> {
        let own = id(self.name);
        let parts: Vec<String> = [
            self.hint.map(|_| format!("{own}-hint")),
            self.error.as_ref().map(|_| format!("{own}-error")),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    fn invalid(&self) -> Option<&'static str> {
        self.error.as_ref().map(|_| "true")
    }
}
