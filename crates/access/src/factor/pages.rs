//! `/account/second-factor`: setting it up, its recovery codes, taking it away.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base::{Error, FieldError, Result, grouped};
use lang::Lang;
use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};
use serde::Deserialize;
use web::ask::encoded;
use web::pieces::{self, Field};
use web::{Asked, Form, Frame, Notice, PageError, Section, Visitor, layout};

use super::actions::{Secret, Standing};
use super::totp;
use crate::Access;
use crate::guard::Here;
use crate::proof::pieces::{crumbs, fields, mended};
use crate::proof::{Besides, Change, Given};

const HERE: &str = "/account/second-factor";
/// What stands on these pages is kept by no browser.
const KEPT_NOWHERE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

pub(crate) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    Router::new()
        .route(HERE, get(show))
        .route("/account/second-factor/begin", post(begin))
        .route("/account/second-factor/confirm", post(confirm))
        .route("/account/second-factor/codes", post(renew))
        .route("/account/second-factor/end", post(end))
}

async fn show(
    State(access): State<Access>,
    asked: Asked,
    visitor: Visitor,
    here: Here,
) -> Result<Response, PageError> {
    Ok(page(&access, &asked, (&visitor, &here), &[], None).await?)
}

#[derive(Deserialize)]
struct PasswordForm {
    #[serde(default)]
    csrf: String,
    #[serde(default, alias = "password-end")]
    password: String,
    #[serde(default, alias = "code-end")]
    code: String,
}

impl PasswordForm {
    fn given<'a>(&'a self, visitor: &'a Visitor, here: &'a Here, suffix: &'a str) -> Given<'a> {
        Given::of((&visitor.name, here), (&self.password, &self.code), suffix)
    }
}

#[derive(Deserialize)]
struct CodeForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    code: String,
}

async fn begin(
    State(access): State<Access>,
    asked: Asked,
    here: Here,
    visitor: Visitor,
    Form(form): Form<PasswordForm>,
) -> Result<Response, PageError> {
    visitor.check_form(&form.csrf)?;
    let begun = async {
        let owner = access.prove(Change::Adding, form.given(&visitor, &here, "")).await?;
        access.begin_factor(&owner).await
    };
    match begun.await {
        Ok(()) => Ok(see(HERE)),
        Err(error) => refused(&access, &asked, (&visitor, &here), error).await,
    }
}

async fn confirm(
    State(access): State<Access>,
    asked: Asked,
    visitor: Visitor,
    here: Here,
    Form(form): Form<CodeForm>,
) -> Result<Response, PageError> {
    visitor.check_form(&form.csrf)?;
    let owner = access.owner(&visitor.name, &here).await?;
    match access.confirm_factor(&owner, &form.code).await {
        Ok(codes) => Ok(codes_page(&asked, &codes)),
        Err(Error::Refused { code: "access.wrong_code", text }) => {
            let wrong = FieldError { place: "code".to_owned(), text };
            Ok(page(&access, &asked, (&visitor, &here), &[wrong], None).await?)
        }
        Err(error) => refused(&access, &asked, (&visitor, &here), error).await,
    }
}

async fn renew(
    State(access): State<Access>,
    asked: Asked,
    here: Here,
    visitor: Visitor,
    Form(form): Form<PasswordForm>,
) -> Result<Response, PageError> {
    visitor.check_form(&form.csrf)?;
    let renewed = async {
        let owner = access.prove(Change::Removing, form.given(&visitor, &here, "")).await?;
        access.renew_codes(&owner).await
    };
    match renewed.await {
        Ok(codes) => Ok(codes_page(&asked, &codes)),
        Err(error) => refused(&access, &asked, (&visitor, &here), error).await,
    }
}

async fn end(
    State(access): State<Access>,
    asked: Asked,
    here: Here,
    visitor: Visitor,
    Form(form): Form<PasswordForm>,
) -> Result<Response, PageError> {
    visitor.check_form(&form.csrf)?;
    let ended = async {
        let owner = access.prove(Change::Removing, form.given(&visitor, &here, "-end")).await?;
        access.end_factor(&owner).await
    };
    match ended.await {
        Ok(_) => Ok(see("/account?done=factor-ended")),
        Err(error) => refused(&access, &asked, (&visitor, &here), error).await,
    }
}

fn see(place: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// The page again, with what is to be mended.
async fn refused(
    access: &Access,
    asked: &Asked,
    (visitor, here): (&Visitor, &Here),
    error: Error,
) -> Result<Response, PageError> {
    let (errors, notice) = mended(asked.lang, error)?;
    Ok(page(access, asked, (visitor, here), &errors, notice).await?)
}

async fn page(
    access: &Access,
    asked: &Asked,
    (visitor, here): (&Visitor, &Here),
    errors: &[FieldError],
    notice: Option<Notice>,
) -> Result<Response> {
    let lang = asked.lang;
    let owner = access.owner(&visitor.name, here).await?;
    let mut frame = Frame::new(asked, Section::Elsewhere, lang::factor::title(lang));
    let is_wrong = !errors.is_empty() || notice.is_some();
    frame.notice = notice;
    let body = match access.standing(&owner.id, &here.token).await? {
        Standing::Without => {
            let besides = access.besides(&owner, Change::Adding).await?;
            without(lang, visitor, besides, errors)
        }
        Standing::Begun(secret) => begun(lang, visitor, &secret, errors),
        Standing::With { codes_left } => {
            let besides = access.besides(&owner, Change::Removing).await?;
            with(lang, visitor, (besides, codes_left), errors)
        }
    };
    let body = html! {
        (crumbs(lang))
        (pieces::error_summary(lang, errors))
        (pieces::heading(lang::factor::title(lang), Some(lang::factor::lead(lang))))
        (body)
    };
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, KEPT_NOWHERE, layout(&frame, body)).into_response())
}

fn without(lang: Lang, visitor: &Visitor, besides: Besides, errors: &[FieldError]) -> Markup {
    let field = fields(lang, (besides, HERE), "", errors);
    html! {
        p { (lang::factor::without(lang)) }
        (pieces::form(&format!("{HERE}/begin"), Some(&visitor.csrf), html! { (field) (pieces::submit(lang::factor::begin(lang))) }))
    }
}

fn begun(lang: Lang, visitor: &Visitor, secret: &Secret, errors: &[FieldError]) -> Markup {
    let link = key_uri(&visitor.name, secret);
    html! {
        ol {
            li { (lang::factor::step_app(lang)) }
            li { (lang::factor::step_scan(lang)) }
            li { (lang::factor::step_code(lang)) }
        }
        @if let Some(code) = picture(lang, &link) { (code) }
        (pieces::definition_list(&[
            (lang::factor::secret(lang), html! { code.secret { (*secret.in_groups()) } }),
            (lang::factor::link(lang), html! { a href=(link) { (lang::factor::open_app(lang)) } }),
        ]))
        (pieces::form(&format!("{HERE}/confirm"), Some(&visitor.csrf), html! {
            (Field::new(lang, "code", lang::factor::first_code(lang))
                .hint(lang::factor::first_code_hint(lang))
                .errors(errors)
                .one_time_code())
            (pieces::submit(lang::factor::confirm(lang)))
        }))
    }
}

fn with(
    lang: Lang,
    visitor: &Visitor,
    (besides, codes_left): (Besides, i64),
    errors: &[FieldError],
) -> Markup {
    let renewing = fields(lang, (besides, HERE), "", errors);
    let ending = fields(lang, (besides, HERE), "-end", errors);
    html! {
        p { (lang::factor::with(lang)) }
        h2 { (lang::factor::codes(lang)) }
        p { (lang::factor::codes_left(lang, grouped(lang, codes_left))) }
        (pieces::form(&format!("{HERE}/codes"), Some(&visitor.csrf), html! { (renewing) (pieces::submit(lang::factor::renew(lang))) }))
        h2 { (lang::factor::end_title(lang)) }
        p { (lang::factor::end_lead(lang)) }
        (pieces::form(&format!("{HERE}/end"), Some(&visitor.csrf), html! { (ending) (pieces::submit_danger(lang::factor::end(lang))) }))
    }
}

/// Shown once, as the answer to the form; to look again is to draw new ones.
fn codes_page(asked: &Asked, codes: &[String]) -> Response {
    let lang = asked.lang;
    let frame = Frame::new(asked, Section::Elsewhere, lang::factor::codes(lang))
        .notice(Notice::Done(lang::factor::confirmed(lang).to_owned()));
    let body = html! {
        (crumbs(lang))
        (pieces::heading(lang::factor::codes(lang), Some(lang::factor::codes_lead(lang))))
        ul.codes { @for code in codes { li { code { (code) } } } }
        p { a href="/account" { (lang::factor::codes_kept(lang)) } }
    };
    (KEPT_NOWHERE, layout(&frame, body)).into_response()
}

/// What authenticators read, as a link and out of the picture.
fn key_uri(name: &str, secret: &Secret) -> String {
    let issuer = encoded(lang::web::product(Lang::Vietnamese));
    let (name, secret) = (encoded(name), secret.letters());
    let seconds = totp::STEP_SECONDS;
    format!(
        "otpauth://totp/{issuer}:{name}?secret={secret}&issuer={issuer}\
         &algorithm=SHA1&digits=6&period={seconds}"
    )
}

/// A QR code, dark on light in both colours of the page, with the quiet zone that readers need.
fn picture(lang: Lang, text: &str) -> Option<Markup> {
    const QUIET: usize = 4;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|left, right| left == right) {
            if run.first() == Some(&Color::Dark) {
                let (left, top, long) = (x + QUIET, y + QUIET, run.len());
                path.push_str(&format!("M{left} {top}h{long}v1h-{long}z"));
            }
            x += run.len();
        }
    }
    let size = width + 2 * QUIET;
    Some(html! {
        svg.qr viewBox=(format!("0 0 {size} {size}")) role="img"
            aria-label=(lang::factor::picture(lang)) {
            rect width=(size) height=(size) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}
