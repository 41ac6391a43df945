//! Every piece escapes what it is given and names what it shows.

use base::FieldError;
use lang::{Lang, Text};
use maud::html;

use super::*;
use crate::page::{Frame, Notice, Section, Standing, layout};

const HOSTILE: &str = "\"><script>alert(1)</script>&'<wbr";
const VI: Lang = Lang::Vietnamese;

fn hostile_error() -> Vec<FieldError> {
    vec![FieldError { place: HOSTILE.to_owned(), text: Text::new(|_| HOSTILE) }]
}

#[test]
fn hostile_text_stays_text_in_every_piece() {
    let errors = hostile_error();
    let field = || Field::new(VI, HOSTILE, HOSTILE).hint(HOSTILE).errors(&errors).optional();
    let choices = [Choice { value: HOSTILE, label: HOSTILE }];
    let cell = || html! { (HOSTILE) };
    let figure_of = Figure {
        label: HOSTILE,
        value: Some(HOSTILE),
        parts: Some(Parts { numerator: HOSTILE, denominator: HOSTILE }),
        href: HOSTILE,
        badge: Some(Badge::Warning(HOSTILE)),
    };
    for (name, markup) in [
        ("table", table(HOSTILE, &[Column::head(HOSTILE)], &[vec![cell()]])),
        ("definition_list", definition_list(&[(HOSTILE, cell())])),
        ("form", form(HOSTILE, Some(HOSTILE), cell())),
        ("upload", upload(HOSTILE, Some(HOSTILE), cell())),
        ("filter", filter(HOSTILE, cell())),
        ("submit", submit(HOSTILE)),
        ("error_summary", error_summary(VI, &errors)),
        ("text", field().text(HOSTILE)),
        ("textarea", field().textarea(HOSTILE, 3)),
        ("select", field().select(&choices, HOSTILE)),
        ("radios", field().radios(&choices, HOSTILE)),
        ("file", field().file(HOSTILE)),
        ("tick", field().tick(true)),
        ("breadcrumbs", breadcrumbs(VI, &[Crumb { label: HOSTILE, href: HOSTILE }])),
        ("tabs", tabs(HOSTILE, &[Tab { label: HOSTILE, href: HOSTILE }], 0)),
        ("pager", pager(VI, HOSTILE, Some(HOSTILE))),
        ("badge", badge(VI, Badge::Neutral(HOSTILE))),
        ("figure", figure(VI, &figure_of)),
        ("notice", notice(VI, &Notice::Warning(HOSTILE.to_owned()))),
        ("empty", empty(HOSTILE, Some((HOSTILE, HOSTILE)))),
        ("details", details(HOSTILE, cell())),
        ("heading", heading(HOSTILE, Some(HOSTILE))),
    ] {
        let text = markup.into_string();
        assert!(!text.contains("<script") && !text.contains("<wbr"), "{name}: {text}");
    }
}

#[test]
fn a_table_says_what_its_rows_and_columns_are() {
    let columns = [Column::head("Xã"), Column::number("Dân số")];
    let text = table("Các xã", &columns, &[vec![html! { "Vị Thủy" }, html! { "41.238" }]]);
    let text = text.into_string();
    for part in [
        r#"role="region" aria-label="Các xã" tabindex="0""#,
        "<caption>Các xã</caption>",
        r#"<th class="number" scope="col">Dân số</th>"#,
        r#"<th scope="row">Vị Thủy</th>"#,
        r#"<td class="number">41.238</td>"#,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_field_ties_label_hint_and_error_to_its_input() {
    let errors = vec![
        FieldError { place: "name".to_owned(), text: Text::new(|_| "Hãy ghi tên.") },
        FieldError { place: "other".to_owned(), text: Text::new(|_| "Khác.") },
    ];
    let field = Field::new(VI, "name", "Tên xã").hint("Như trong nghị quyết").errors(&errors);
    let text = field.text("Vị").into_string();
    for part in [
        r#"<label for="field-name">Tên xã</label>"#,
        r#"id="field-name-hint""#,
        r#"id="field-name-error""#,
        r#"aria-describedby="field-name-hint field-name-error" aria-invalid="true""#,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("Khác"));
    let summary = error_summary(VI, &errors).into_string();
    assert!(summary.contains(r##"<a href="#field-name">Hãy ghi tên.</a>"##), "{summary}");
    assert!(error_summary(VI, &[]).into_string().is_empty());
}

#[test]
fn the_pager_keeps_the_filters_and_is_silent_on_a_single_page() {
    assert_eq!(pager(VI, "/units?q=a", None).into_string(), "");
    let text = pager(VI, "/units?q=a&cursor=x", Some("y+z")).into_string();
    assert!(text.contains(r#"href="/units?q=a" rel="first""#), "{text}");
    assert!(text.contains(r#"href="/units?q=a&amp;cursor=y%2Bz" rel="next""#), "{text}");
}

#[test]
fn a_page_says_where_it_stands_and_carries_no_inline_style_or_script() {
    let asked = crate::Asked {
        path_and_query: format!("/units?q={HOSTILE}"),
        place: HOSTILE.into(),
        ..crate::Asked::default()
    };
    let standing = Standing {
        map: "2025-07-01".parse().unwrap(),
        day: "2026-11-22".parse().unwrap(),
        made_up: true,
    };
    for lang in Lang::ALL {
        let mut frame = Frame::new(&asked, Section::Units, HOSTILE).standing(standing);
        frame.lang = lang;
        let text = layout(&frame, html! { h1 { "x" } }).into_string();
        for part in [
            format!(r#"<html lang="{}">"#, lang.tag()),
            "01/07/2025".to_owned(),
            "22/11/2026".to_owned(),
            lang::web::made_up(lang).to_owned(),
            r##"href="#main""##.to_owned(),
            r#"aria-current="page""#.to_owned(),
        ] {
            assert!(text.contains(&part), "{part} in {text}");
        }
        assert!(!text.contains("<script") && !text.contains("<style") && !text.contains(" style="));
        assert_eq!(text.contains(lang::web::khmer_unchecked(lang)), lang == Lang::Khmer);
        assert!(!text.contains("/tasks"), "data entry is for those who are signed in");
    }
}
