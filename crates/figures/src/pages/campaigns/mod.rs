//! Campaigns: the list, the rules, rankings, single units, and what the signed-in do with them.

mod awards;
mod download;
mod forms;
mod list;
mod ranking;
mod records;
mod rounds;
mod rules;
mod say;
mod unit;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post};
use base::Result;
use packs::{Campaign, Counted, Round};
use web::layers::uploads;
use web::pieces::Crumb;
use web::{Asked, Ground};

use super::REST_BYTES;
use super::view::{View, begun};
use crate::campaigns::{find_campaign, find_round, period_of};
use crate::observations::LARGEST_EVIDENCE_BYTES;
use crate::{Desk, Period};

/// The routes of the pages of campaigns.
pub(super) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Desk: FromRef<S>,
{
    let form =
        get(forms::show).post(forms::send).layer(uploads(LARGEST_EVIDENCE_BYTES + REST_BYTES));
    Router::new()
        .route("/campaigns", get(list::show))
        .route("/campaigns/{code}", get(rules::show))
        .route("/campaigns/{code}/{round}/freeze", get(rounds::show_freeze).post(rounds::freeze))
        .route("/campaigns/{code}/{round}/reopen", get(rounds::show_reopen).post(rounds::reopen))
        .route("/campaigns/{code}/{round}/awards", get(awards::show).post(awards::confirm))
        .route("/campaigns/{code}/{round}/awards/withdraw", post(awards::withdraw))
        .route("/campaigns/{code}/{round}/{group}", get(ranking::show))
        .route("/campaigns/{code}/{round}/{group}/table.csv", get(download::csv))
        .route("/campaigns/{code}/{round}/{group}/table.xlsx", get(download::xlsx))
        .route("/campaigns/{code}/{round}/{group}/{unit}", get(unit::show))
        .route("/campaigns/{code}/{round}/{group}/{unit}/{act}", form)
        .route(
            "/campaign-adjustments/{id}/withdraw",
            get(records::show_withdraw).post(records::withdraw),
        )
        .route("/campaign-adjustments/{id}/evidence", get(records::adjustment_evidence))
        .route("/campaign-filings/{id}/decide", get(records::show_decide).post(records::decide))
        .route("/campaign-filings/{id}/evidence", get(records::filing_evidence))
}

/// A campaign on its own map.
pub(super) struct Board {
    pub(super) view: View,
    pub(super) campaign: Campaign,
}

impl Board {
    /// Errors: `NotFound`.
    pub(super) async fn open(desk: &Desk, asked: &Asked, code: &str) -> Result<Self> {
        let mut view = View::open(desk, asked, None, None).await?;
        let campaign = find_campaign(&view.catalogue, code)?.clone();
        view.day = campaign.map_day();
        view.made_up |= campaign.made_up;
        Ok(Self { view, campaign })
    }

    /// A round that has begun, with its period.
    ///
    /// Errors: `NotFound`; `Invalid` at `period` when it has not begun.
    pub(super) fn round(&self, period: &str) -> Result<(Round, Period)> {
        let round = find_round(&self.campaign, period)?;
        let period = period_of(&self.view.catalogue, round, Counted::InRound)?;
        Ok((round.clone(), begun(period, self.view.today)?))
    }

    /// The pages above those of a campaign.
    pub(super) fn crumbs<'a>(&self, here: &'a str, title: &'a str) -> Vec<Crumb<'a>> {
        let all = Crumb { label: lang::campaigns::title(self.view.lang), href: "/campaigns" };
        vec![all, Crumb { label: title, href: here }]
    }

    /// The address of the campaign.
    pub(super) fn href(&self) -> String {
        format!("/campaigns/{}", self.campaign.code)
    }

    /// Where its pages stand: on its own map, up to the end of a period.
    pub(super) fn ground(&self, period: Option<&Period>) -> Ground {
        self.view.standing(period)
    }
}
