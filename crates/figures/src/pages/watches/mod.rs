//! The pages of watches: asking to be told, confirming, ending; web feeds; letters that wait.

mod feeds;
mod form;
mod mine;
mod outbox;

pub(crate) use feeds::{
    all as all_feed, of_indicator as indicator_feed, of_publication as publication_feed,
    of_target as target_feed,
};
pub(crate) use form::{ask, asked, offer, show as show_form};
pub(crate) use mine::{confirm, end_one, end_some, show, show_confirm, show_end};
pub(crate) use outbox::{change as change_outbox, show as show_outbox};

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base::Result;
use maud::Markup;

use super::view::View;
use crate::watches::{Subject, SubjectWords};

/// The names of a subject as they are today.
async fn words_of(view: &mut View, subject: &Subject) -> Result<SubjectWords> {
    let cx = (&*view.catalogue, &*view.territory);
    SubjectWords::of(&mut view.tx, view.lang, cx, subject, view.today).await
}

/// A page that only the owner of a link may see is kept nowhere, and tells nobody its address.
fn secret(page: Markup) -> Response {
    let mut response = page.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}
