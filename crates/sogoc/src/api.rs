//! The API: its description (OpenAPI 3.1) made from the code, and a page to read it.

use axum::Router;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use lang::Lang;
use maud::{Markup, html};
use serde_json::Value;
use utoipa::openapi::{Content, Info, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;
use web::pieces::{self, Column};
use web::{Asked, Frame, Section, export, layout};

use crate::app::App;

const JSON: &str = "/api/v1/openapi.json";

/// Every route under `/api/v1`, and the two that describe them.
pub(crate) fn routes() -> Router<App> {
    let (routes, mut described) = OpenApiRouter::new()
        .merge(territory::api_routes())
        .merge(access::organisation::api_routes())
        .merge(access::grants::api_routes())
        .merge(subjects::api_routes())
        .merge(figures::api_routes())
        .merge(journal::seals::api_routes())
        .split_for_parts();
    described.info = Info::new("Sổ Gốc", env!("CARGO_PKG_VERSION"));
    described.info.description = Some(lang::api::about(Lang::English).to_owned());
    tell_of_problems(&mut described);
    let json = described.to_pretty_json().unwrap_or_default();
    let page = serde_json::to_value(&described).unwrap_or_default();
    routes
        .route(JSON, get(move |headers: HeaderMap| describe(headers, json)))
        .route("/api/v1/docs", get(move |asked: Asked| show(asked, page)))
}

/// Every error is a problem (RFC 9457), and each operation can meet more of them than it names: a
/// body that is too large, a database that is away.
fn tell_of_problems(described: &mut OpenApi) {
    const TYPE: &str = "application/problem+json";
    for item in described.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            let responses = &mut operation.responses.responses;
            let errors = responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5']));
            for (_, response) in errors {
                let RefOr::T(response) = response else { continue };
                let content = std::mem::take(&mut response.content);
                response.content = content.into_values().map(|it| (TYPE.to_owned(), it)).collect();
            }
            let problem = Content::new(Some(Ref::from_schema_name("Problem")));
            let any = ResponseBuilder::new().description("Problem").content(TYPE, problem);
            responses.insert("default".to_owned(), any.build().into());
        }
    }
}

async fn describe(headers: HeaderMap, json: String) -> Response {
    export::tagged(&headers, "application/json", json)
}

async fn show(asked: Asked, description: Value) -> Markup {
    let lang = asked.lang;
    let title = lang::api::title(lang);
    let empty = serde_json::Map::new();
    let paths = description["paths"].as_object().unwrap_or(&empty);
    layout(
        &Frame::new(&asked, Section::Elsewhere, title),
        html! {
            (pieces::heading(title, Some(lang::api::about(lang))))
            p { a href=(JSON) { "openapi.json" } }
            @for (path, methods) in paths {
                @for (method, operation) in methods.as_object().unwrap_or(&empty) {
                    (one(lang, path, method, operation))
                }
            }
        },
    )
}

fn one(lang: Lang, path: &str, method: &str, operation: &Value) -> Markup {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let rows: Vec<Vec<Markup>> = parameters
        .iter()
        .map(|parameter| {
            let required = parameter["required"].as_bool().unwrap_or_default();
            vec![
                html! { code { (text(&parameter["name"])) } },
                html! { @if required { (lang::api::required(lang)) } },
                html! { (text(&parameter["description"])) },
            ]
        })
        .collect();
    html! {
        section {
            h2 { code { (method.to_uppercase()) " " (path) } }
            p { (text(&operation["summary"])) }
            @if !rows.is_empty() {
                (pieces::table(
                    lang::api::parameters(lang),
                    &[
                        Column::head(lang::api::name(lang)),
                        Column::text(lang::api::need(lang)),
                        Column::text(lang::api::meaning(lang)),
                    ],
                    &rows,
                ))
            }
        }
    }
}
