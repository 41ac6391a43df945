//! The acts that are granted: one catalogue for pages, API and command line.

use std::fmt;

use lang::Lang;

/// The kind of record that an act is about (*loại hồ sơ, dữ liệu*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Units and their history.
    Territory,
    /// Counts that were reported.
    Observation,
    /// Numbers about few people.
    Figure,
    /// Figures of a period on their way to approval.
    Approval,
    /// Frozen reports.
    Publication,
    /// Campaigns.
    Campaign,
    /// Letters on their way out.
    Outbox,
    /// Agencies and posts.
    Agency,
    /// Officials who hold posts.
    Person,
    /// Accounts.
    Account,
    /// Roles and who has them.
    Right,
    /// Who read what.
    Trace,
    /// Requests of data subjects.
    Request,
    /// Consents.
    Consent,
    /// What is deleted when.
    Retention,
}

impl Kind {
    /// In words.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Territory => lang::rights::kind_territory(lang),
            Self::Observation => lang::rights::kind_observation(lang),
            Self::Figure => lang::rights::kind_figure(lang),
            Self::Approval => lang::rights::kind_approval(lang),
            Self::Publication => lang::rights::kind_publication(lang),
            Self::Campaign => lang::rights::kind_campaign(lang),
            Self::Outbox => lang::rights::kind_outbox(lang),
            Self::Agency => lang::rights::kind_agency(lang),
            Self::Person => lang::rights::kind_person(lang),
            Self::Account => lang::rights::kind_account(lang),
            Self::Right => lang::rights::kind_right(lang),
            Self::Trace => lang::rights::kind_trace(lang),
            Self::Request => lang::rights::kind_request(lang),
            Self::Consent => lang::rights::kind_consent(lang),
            Self::Retention => lang::rights::kind_retention(lang),
        }
    }
}

/// How guarded the data is that an act opens; the later the more.
///
/// Law: 91/2025/QH15 tells basic from sensitive personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataClass {
    /// Data of the work of the state, which tells of no person (*dữ liệu công việc*).
    Internal,
    /// Basic personal data (*dữ liệu cá nhân cơ bản*).
    Personal,
    /// Sensitive personal data (*dữ liệu cá nhân nhạy cảm*).
    Sensitive,
}

impl DataClass {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Internal, Self::Personal, Self::Sensitive];

    /// As it is written in packs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Personal => "personal",
            Self::Sensitive => "sensitive",
        }
    }

    /// The one that a word stands for.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// In words.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Internal => lang::rights::class_internal(lang),
            Self::Personal => lang::rights::class_personal(lang),
            Self::Sensitive => lang::rights::class_sensitive(lang),
        }
    }

    /// Whether whoever sees such data proves more than a password.
    #[must_use]
    pub fn wants_second_factor(self) -> bool {
        self >= Self::Personal
    }
}

/// What the records of an act belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Each to a unit: it can be granted for a part of the province.
    Units,
    /// To the province: it is granted for all of it or not at all.
    Whole,
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident $word:literal $kind:ident $class:ident $ground:ident $say:ident,)*) => {
        /// Something that is done or looked at and that has to be granted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Act {
            $($(#[$doc])* $name,)*
        }

        impl Act {
            /// All of them, in the order of the matrix.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// `kind.action`: as it is written in packs, addresses and the trace.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it is about.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)* }
            }

            /// How guarded the data is that it opens.
            #[must_use]
            pub const fn class(self) -> DataClass {
                match self { $(Self::$name => DataClass::$class,)* }
            }

            /// What its records belong to.
            #[must_use]
            pub const fn ground(self) -> Ground {
                match self { $(Self::$name => Ground::$ground,)* }
            }

            /// In words, as after "may": "report counts".
            #[must_use]
            pub fn say(self, lang: Lang) -> &'static str {
                match self { $(Self::$name => lang::rights::$say(lang),)* }
            }
        }
    };
}

acts! {
    /// Import lists of units, apply mergers and undo them.
    ChangeTerritory "territory.change" Territory Internal Whole change_territory,
    /// See counts as they were reported, with their evidence.
    ReadObservations "observation.read" Observation Internal Units read_observations,
    /// Report counts.
    ReportObservations "observation.report" Observation Internal Units report_observations,
    /// Correct counts or take them back.
    CorrectObservations "observation.correct" Observation Internal Units correct_observations,
    /// See numbers about few people.
    ReadProtected "figure.read_protected" Figure Internal Whole read_protected,
    /// See how far the figures of a period have come.
    ReadApprovals "approval.read" Approval Internal Units read_approvals,
    /// Say what a number that stands out means.
    MarkFindings "approval.mark" Approval Internal Units mark_findings,
    /// Hand the figures of a period in.
    SubmitFigures "approval.submit" Approval Internal Units submit_figures,
    /// Check figures that were handed in, or give them back.
    CheckFigures "approval.check" Approval Internal Units check_figures,
    /// Approve figures, which locks them, or give them back.
    ApproveFigures "approval.approve" Approval Internal Units approve_figures,
    /// Open locked figures again.
    ReopenFigures "approval.reopen" Approval Internal Units reopen_figures,
    /// Publish a report.
    Publish "publication.publish" Publication Internal Whole publish,
    /// Withdraw a publication.
    WithdrawPublication "publication.withdraw" Publication Internal Whole withdraw_publication,
    /// See the evidence of adjustments, explanations and appeals.
    ReadCampaigns "campaign.read" Campaign Internal Units read_campaigns,
    /// Give points or take them.
    AdjustCampaign "campaign.adjust" Campaign Internal Units adjust_campaign,
    /// Explain a unit's points, or appeal against them.
    ExplainCampaign "campaign.explain" Campaign Internal Units explain_campaign,
    /// Decide on explanations and appeals.
    DecideCampaign "campaign.decide" Campaign Internal Units decide_campaign,
    /// Freeze a round's ranking and open it again.
    FreezeCampaign "campaign.freeze" Campaign Internal Whole freeze_campaign,
    /// Confirm who is rewarded.
    AwardCampaign "campaign.award" Campaign Internal Whole award_campaign,
    /// See letters that could not be sent, try them again or drop them.
    ManageOutbox "outbox.manage" Outbox Internal Whole manage_outbox,
    /// Establish, change and end agencies and their posts.
    ChangeAgencies "agency.change" Agency Internal Units change_agencies,
    /// See how officials are reached.
    ReadPeople "person.read" Person Personal Units read_people,
    /// Appoint, dismiss, delegate, and say who signs in with which account.
    Appoint "person.appoint" Person Internal Units appoint,
    /// Add accounts, close them, reset what their owners have lost.
    ManageAccounts "account.manage" Account Internal Whole manage_accounts,
    /// Give roles and take them away.
    AssignRights "right.assign" Right Internal Whole assign_rights,
    /// See who read what of whom.
    ReadTrace "trace.read" Trace Personal Whole read_trace,
    /// Receive requests of data subjects and see them, masked.
    ReceiveRequests "request.receive" Request Personal Units receive_requests,
    /// Decide on requests of data subjects.
    DecideRequests "request.decide" Request Personal Units decide_requests,
    /// See the citizen number, name and address behind a request or consent.
    RevealCitizens "request.reveal" Request Sensitive Units reveal_citizens,
    /// Record consents and their withdrawal.
    RecordConsents "consent.record" Consent Personal Units record_consents,
    /// See what is to be deleted, and have it deleted.
    ApplyRetention "retention.apply" Retention Personal Whole apply_retention,
}

impl Act {
    /// Whether it asks for more than a password: it opens data of people, or gives power to others.
    #[must_use]
    pub fn wants_second_factor(self) -> bool {
        self.class().wants_second_factor()
            || matches!(self, Self::Appoint | Self::ManageAccounts | Self::AssignRights)
    }

    /// The one that a word stands for.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == word)
    }
}

impl fmt::Display for Act {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
