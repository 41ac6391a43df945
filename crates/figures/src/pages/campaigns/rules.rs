//! `GET /campaigns/{code}`: the rules of a campaign, what in them is not clear, and its rounds.

use axum::extract::State;
use base::{Result, grouped, short_day};
use maud::{Markup, html};
use packs::{Counted, Criterion, Direction};
use web::pieces::{self, Badge, Column};
use web::{Asked, Frame, PageResult, Path, Section, layout};

use super::super::say as figures;
use super::{Board, list, say};
use crate::Desk;
use crate::campaigns::{asked_of, period_of};

pub(super) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Path(code): Path<String>,
) -> PageResult {
    let mut board = Board::open(&desk, &asked, &code).await?;
    let rules = board.campaign.clone();
    let rounds = list::rounds(&mut board.view, &rules, asked.visitor.is_some()).await?;
    let lang = board.view.lang;
    let title = rules.title.say(lang);
    let frame = Frame::new(&asked, Section::Campaigns, title).ground(board.ground(None));
    let crumbs = board.crumbs("", title);
    let (from, until) = rules.days();
    let time = lang::campaigns::FromUntil { from: short_day(from), until: short_day(until) };
    let deadlines = lang::campaigns::Deadlines {
        appeal: grouped(lang, rules.days_to_appeal.into()),
        explain: grouped(lang, rules.days_to_explain.into()),
    };
    let facts = [
        (lang::targets::document(lang), html! { (rules.document.say(lang)) }),
        (lang::campaigns::time(lang), html! { (lang::campaigns::from_until(lang, time)) }),
        (lang::targets::agency(lang), html! { (rules.agency.say(lang)) }),
        (
            lang::figures::map(lang),
            html! { (lang::campaigns::on_map(lang, short_day(rules.map_day()))) },
        ),
        (
            lang::campaigns::groups(lang),
            html! {
                @for (at, group) in rules.groups.iter().enumerate() {
                    @if at > 0 { "; " }
                    (group.title.say(lang))
                }
            },
        ),
        (
            lang::campaigns::after_freeze(lang),
            html! { (lang::campaigns::deadlines(lang, deadlines)) },
        ),
    ];
    let body = html! {
        (pieces::breadcrumbs(lang, &crumbs[..1]))
        (pieces::heading(title, None))
        (say::warnings(lang, &rules, board.view.made_up))
        (pieces::definition_list(&facts))
        @if let Some(note) = &rules.note { p.quiet { (note.say(lang)) } }
        h2 { (lang::campaigns::rounds(lang)) }
        (rounds)
        h2 { (lang::campaigns::criteria(lang)) }
        (criteria(&board)?)
        h2 { (lang::campaigns::remarks(lang)) }
        (remarks(&board))
        h2 { (lang::campaigns::adjustments(lang)) }
        (adjustments(&board))
        h2 { (lang::campaigns::classes_and_awards(lang)) }
        (classes(&board))
    };
    Ok(layout(&frame, body))
}

/// What each criterion asks in each round.
fn criteria(board: &Board) -> Result<Markup> {
    let (view, rules) = (&board.view, &board.campaign);
    let lang = view.lang;
    let mut columns = vec![
        Column::head(lang::campaigns::criterion(lang)),
        Column::text(lang::campaigns::measured_by(lang)),
        Column::text(lang::campaigns::counted(lang)),
        Column::number(lang::campaigns::most_points(lang)),
    ];
    let mut names = Vec::new();
    for round in &rules.rounds {
        names.push(period_of(&view.catalogue, round, Counted::InRound)?.short(lang));
    }
    columns.extend(names.iter().map(|name| Column::number(name)));
    let mut rows = Vec::new();
    for criterion in &rules.criteria {
        let indicator = view.catalogue.indicator(&criterion.indicator);
        let mut row = vec![
            html! {
                a href={ "#" (criterion.code) } { (criterion.code) } ". " (criterion.title.say(lang))
            },
            html! {
                @if let Some(own) = indicator {
                    a href=(figures::indicator_href(own)) { (own.name.say(lang)) }
                    @if own.direction == Direction::Down {
                        " (" (lang::campaigns::less_is_better(lang)) ")"
                    }
                }
            },
            html! { (counted(lang, criterion)) },
            html! {
                @match criterion.most() {
                    Some(most) => { (say::points(lang, most)) }
                    None => { (pieces::badge(lang, Badge::Neutral(lang::campaigns::unscored(lang)))) }
                }
            },
        ];
        for round in &rules.rounds {
            let group = rules
                .groups
                .iter()
                .find(|it| rules.criteria_of(&it.code).any(|own| own.code == criterion.code));
            let asked = group.map(|group| asked_of(&view.catalogue, (round, group), criterion));
            let wanted = asked.transpose()?.and_then(|asked| asked.wanted);
            row.push(html! { (say::wanted(lang, indicator, wanted)) });
        }
        rows.push(row);
    }
    Ok(html! {
        (pieces::table(lang::campaigns::criteria_caption(lang), &columns, &rows))
        p { (lang::campaigns::formula(lang)) }
    })
}

fn counted(lang: lang::Lang, criterion: &Criterion) -> &'static str {
    match criterion.counted {
        Counted::InRound => lang::campaigns::in_round(lang),
        Counted::SoFar => lang::campaigns::so_far(lang),
    }
}

/// What the source says, what is not clear in it, and how a criterion is kept from being gamed.
fn remarks(board: &Board) -> Markup {
    let (lang, rules) = (board.view.lang, &board.campaign);
    html! {
        @for it in &rules.criteria {
            h3 id=(it.code) { (it.code) ". " (it.title.say(lang)) }
            @if let Some(said) = &it.said { p { (lang::campaigns::said(lang)) " " (said.say(lang)) } }
            @if !it.groups.is_empty() {
                @let groups = say::titles(lang, &it.groups, |code| {
                    rules.group(code).map(|group| &group.title)
                });
                p { (lang::campaigns::only_groups(lang, groups)) }
            }
            @if let Some(words) = &it.ambiguous {
                p {
                    (pieces::badge(lang, Badge::Warning(lang::targets::ambiguous(lang)))) " "
                    (words.say(lang))
                }
            }
            @if let Some(words) = &it.fairness {
                p { (lang::campaigns::fairness(lang)) " " (words.say(lang)) }
            }
        }
    }
}

fn adjustments(board: &Board) -> Markup {
    let (lang, rules) = (board.view.lang, &board.campaign);
    if rules.adjustments.is_empty() {
        return pieces::empty(lang::campaigns::no_adjustments(lang), None);
    }
    let columns = [
        Column::head(lang::campaigns::kind(lang)),
        Column::number(lang::campaigns::least(lang)),
        Column::number(lang::campaigns::most(lang)),
    ];
    let row = |kind: &packs::AdjustmentKind| {
        let (least, most) = kind.bounds().unwrap_or_default();
        vec![
            html! { (kind.title.say(lang)) },
            html! { (say::signed(lang, least)) },
            html! { (say::signed(lang, most)) },
        ]
    };
    let rows: Vec<Vec<Markup>> = rules.adjustments.iter().map(row).collect();
    html! {
        (pieces::table(lang::campaigns::adjustments_caption(lang), &columns, &rows))
        p { (lang::campaigns::adjustments_note(lang)) }
    }
}

fn classes(board: &Board) -> Markup {
    let (lang, rules) = (board.view.lang, &board.campaign);
    let ties = rules.ties.join(", ");
    html! {
        @if !rules.classes.is_empty() {
            ul {
                @for class in &rules.classes {
                    li {
                        (class.title.say(lang)) ": "
                        (lang::campaigns::from_points(
                            lang, say::points(lang, class.begins().unwrap_or_default())))
                    }
                }
            }
        }
        @if ties.is_empty() {
            p { (lang::campaigns::no_ties(lang)) }
        } @else {
            p { (lang::campaigns::ties(lang, ties)) }
        }
        @if !rules.awards.is_empty() {
            ul {
                @for form in &rules.awards {
                    li {
                        (form.title.say(lang)) ": "
                        @match form.places {
                            Some(places) => {
                                (lang::campaigns::for_places(lang, grouped(lang, places.into())))
                            }
                            None => {
                                (lang::campaigns::for_classes(lang, say::titles(
                                    lang, &form.classes,
                                    |code| rules.class(code).map(|class| &class.title))))
                            }
                        }
                        @if !form.groups.is_empty() {
                            " (" (say::titles(lang, &form.groups,
                                |code| rules.group(code).map(|group| &group.title))) ")"
                        }
                    }
                }
            }
        }
    }
}
