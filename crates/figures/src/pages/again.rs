//! A page that was asked with values that cannot be read: its form again, each wrong value kept
//! with the reason at its field. No figure is shown, so that none is taken for the one asked for.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::FieldError;
use lang::Lang;
use maud::html;
use web::ask::values_of;
use web::pieces::{self, Field};
use web::{Asked, Frame, Section, layout};

use super::view::View;

/// The page of this title with a form for what is wrong; its other values are kept.
pub(crate) fn again(
    view: &View,
    asked: &Asked,
    (section, title): (Section, &str),
    errors: &[FieldError],
) -> Response {
    let lang = view.lang;
    let values = values_of(&asked.path_and_query);
    let is_wrong = |name: &str| errors.iter().any(|error| error.place == name);
    let typed = |name: &str| {
        let found = values.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let mut names: Vec<&str> = errors.iter().map(|error| error.place.as_str()).collect();
    names.dedup();
    let frame = Frame::new(asked, section, title).ground(view.standing(None));
    let path = asked.path_and_query.split('?').next().unwrap_or_default();
    let body = html! {
        (pieces::question_summary(lang, errors))
        (pieces::heading(title, None))
        (pieces::filter(path, html! {
            @for (name, value) in values.iter().filter(|(name, _)| !is_wrong(name) && name != "lang") {
                input type="hidden" name=(name) value=(value);
            }
            @for name in names {
                (Field::new(lang, name, label(lang, name)).errors(errors).text(typed(name)))
            }
            (pieces::submit_quiet(lang::indicator::look(lang)))
        }))
    };
    (StatusCode::UNPROCESSABLE_ENTITY, layout(&frame, body)).into_response()
}

fn label(lang: Lang, name: &str) -> &'static str {
    match name {
        "map" | "on" => lang::figures::map(lang),
        "known" => lang::indicator::known(lang),
        "from" => lang::observations::day_from(lang),
        "to" => lang::observations::day_to(lang),
        _ => lang::chart::period(lang),
    }
}
