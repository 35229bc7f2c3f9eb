//! `company …`

use clap::{Args, Subcommand};
use domain::allowance::{Allowance, Books, Seconds, SubscriptionStatus};
use domain::company::{AtsId, Company, CompanyId, CompanyName, CompanyProfile, Plan};
use domain::idempotency::IdSecret;
use domain::time::{Period, Timestamp};
use serde::Serialize;
use store::{CompanyAccount, PlanChange};
use uuid::Uuid;

use crate::amount::{Amount, Amounts};
use crate::error::CommandError;
use crate::show::{Show, words};
use crate::{Context, argument};

#[derive(Subcommand)]
pub enum Command {
    /// Creates a company; everything that its plan grants this month is its to use at once
    Create(Create),
    /// Lists all companies with what each has used and may still use this month, oldest first
    List,
    /// Shows a company with what it has used and may still use this month, or with what it used in another
    Show {
        /// The company's id
        #[arg(value_parser = argument::id::<CompanyId>)]
        id: CompanyId,
        /// The month to show instead of this one, for example 2026-10
        #[arg(long, value_name = "MONTH", value_parser = argument::month)]
        period: Option<Period>,
    },
    /// Changes what a company pays for; what is not given stays as it is
    ///
    /// Takes effect at once: what is reserved and used this month stays, and what remains grows or shrinks by as much
    /// as the grant does.
    SetPlan(SetPlan),
    /// Sets the limits of use of each key of a company, in place of its plan's
    ///
    /// Takes effect at once. Keys with limits of their own keep them.
    SetLimits {
        /// The company's id
        #[arg(value_parser = argument::id::<CompanyId>)]
        id: CompanyId,
        #[command(flatten)]
        limits: argument::Limits,
    },
    /// Gives a company another name
    Rename {
        /// The company's id
        #[arg(value_parser = argument::id::<CompanyId>)]
        id: CompanyId,
        /// The new name, for people
        #[arg(long, value_parser = argument::line::<2, 100>)]
        name: CompanyName,
    },
    /// Stops a company from creating interviews, other than tests, and holds its own webhooks
    Suspend {
        /// The company's id
        #[arg(value_parser = argument::id::<CompanyId>)]
        id: CompanyId,
    },
    /// Undoes `suspend`; webhooks that the company paused itself stay paused
    Activate {
        /// The company's id
        #[arg(value_parser = argument::id::<CompanyId>)]
        id: CompanyId,
    },
    /// Brings a company whose month is still to come, because of a wrong clock, back into the month that is
    ///
    /// What was counted stays counted, all of it in the month that is. A company whose month is right stays as it is.
    MendPeriod {
        /// The company's id
        #[arg(value_parser = argument::id::<CompanyId>)]
        id: CompanyId,
    },
    /// Has the ids of a company without a secret derived with one from now on, as those of newer companies are
    SetIdSecret {
        /// The company's id
        #[arg(value_parser = argument::id::<CompanyId>)]
        id: CompanyId,
    },
}

impl Command {
    pub fn changes(&self) -> bool {
        match self {
            Self::List | Self::Show { .. } => false,
            Self::Create(_)
            | Self::SetPlan(_)
            | Self::SetLimits { .. }
            | Self::Rename { .. }
            | Self::Suspend { .. }
            | Self::Activate { .. }
            | Self::MendPeriod { .. }
            | Self::SetIdSecret { .. } => true,
        }
    }
}

#[derive(Args)]
pub struct Create {
    /// The company's name, for people
    #[arg(long, value_parser = argument::line::<2, 100>)]
    name: CompanyName,
    /// trial, starter, business, scale or enterprise, in any case
    #[arg(long, default_value = "trial", value_parser = argument::plan)]
    plan: Plan,
    /// Minutes a month, instead of the plan's own; enterprise has none of its own
    #[arg(long)]
    minutes: Option<u32>,
    /// Let interviews go beyond the minutes, to be charged each
    #[arg(long)]
    allow_overage: bool,
    /// The id of the applicant tracking system whose keys may act for the company
    #[arg(long, value_name = "ID", value_parser = argument::id::<AtsId>)]
    ats: Option<AtsId>,
}

#[derive(Args)]
pub struct SetPlan {
    /// The company's id
    #[arg(value_parser = argument::id::<CompanyId>)]
    id: CompanyId,
    #[command(flatten)]
    terms: Terms,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct Terms {
    /// trial, starter, business, scale or enterprise, in any case; without --minutes, the minutes become the plan's own
    #[arg(long, value_parser = argument::plan)]
    plan: Option<Plan>,
    /// Minutes a month, instead of the plan's own; enterprise has none of its own
    #[arg(long)]
    minutes: Option<u32>,
    /// Let interviews go beyond the minutes, to be charged each
    #[arg(long, conflicts_with = "no_overage")]
    allow_overage: bool,
    /// Refuse interviews beyond the minutes
    #[arg(long)]
    no_overage: bool,
}

impl Terms {
    fn change(&self) -> Result<PlanChange, CommandError> {
        let granted = match (self.plan, self.minutes) {
            (Some(plan), minutes) => Some(grant(plan, minutes)?),
            (None, minutes) => minutes.map(Seconds::from_minutes),
        };
        let overage_allowed = (self.allow_overage || self.no_overage).then_some(self.allow_overage);
        Ok(PlanChange { plan: self.plan, granted, overage_allowed })
    }
}

/// The monthly grant of a plan, or of the minutes that were agreed.
pub fn grant(plan: Plan, minutes: Option<u32>) -> Result<Seconds, CommandError> {
    plan.grant(minutes).ok_or(CommandError::Usage("this plan has no minutes of its own; give them with --minutes"))
}

pub async fn run(command: Command, context: &Context) -> Result<(), CommandError> {
    let Context { store, output, now, .. } = context;
    let id = match command {
        Command::Create(arguments) => create(arguments, context).await?,
        Command::List => {
            let view = |account: CompanyAccount| CompanyView::new(account.company, account.allowance.as_of(*now));
            let companies: Vec<_> = store.company_accounts().await?.into_iter().map(view).collect();
            return Ok(output.all(&companies, "no companies")?);
        }
        Command::Show { id, period: None } => id,
        Command::Show { id, period: Some(period) } => return show_month(id, &period, context).await,
        Command::SetPlan(SetPlan { id, terms }) => {
            store.set_plan(id, terms.change()?, *now).await?;
            id
        }
        Command::SetLimits { id, limits } => {
            store.set_company_limits(id, limits.get(), *now).await?;
            id
        }
        Command::Rename { id, name } => {
            store.rename_company(id, name, *now).await?;
            id
        }
        Command::Suspend { id } => {
            store.set_subscription(id, SubscriptionStatus::Suspended, *now).await?;
            id
        }
        Command::MendPeriod { id } => {
            store.mend_period(id, *now).await?;
            id
        }
        Command::SetIdSecret { id } => return context.set_id_secret(id.into()).await,
        Command::Activate { id } => {
            store.set_subscription(id, SubscriptionStatus::Active, *now).await?;
            id
        }
    };
    let CompanyAccount { company, allowance } = store.company(id).await?;
    let is_ahead = allowance.period > Period::of(*now);
    output.one(&CompanyView::new(company, allowance.as_of(*now)))?;
    if is_ahead {
        output.note(&format!("Its month is still to come: a clock was wrong. To mend it: company mend-period {id}"))?;
    }
    Ok(())
}

/// Shows a company with the books of one month.
async fn show_month(id: CompanyId, period: &Period, context: &Context) -> Result<(), CommandError> {
    let usage = context.store.company_usage(id).await?;
    let month = usage.months(context.now).into_iter().find(|month| month.books.period == *period);
    let month = month.ok_or_else(|| CommandError::NothingKept(period.clone()))?;
    let CompanyAccount { company, allowance } = usage.account;
    let view = CompanyView::new(company, allowance);
    Ok(context.output.one(&view.in_month(&month.books, month.open))?)
}

async fn create(arguments: Create, context: &Context) -> Result<CompanyId, CommandError> {
    let Create { name, plan, minutes, allow_overage, ats } = arguments;
    let (id, now) = (CompanyId::new(Uuid::new_v4()), context.now);
    let allowance = Allowance::new(id, grant(plan, minutes)?, allow_overage, now);
    let company = Company::new(id, name, plan, ats, now);
    context.store.create_company(&company, &allowance, IdSecret::generate()?).await?;
    Ok(id)
}

/// A company with its allowance of this month.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CompanyView {
    #[serde(flatten)]
    company: Company,
    subscription: SubscriptionStatus,
    overage_allowed: bool,
    period: Period,
    /// The end of the month; absent if the month is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    resets_at: Option<Timestamp>,
    minutes: Amounts<Amount>,
}

impl CompanyView {
    fn new(company: Company, allowance: Allowance) -> Self {
        Self {
            company,
            subscription: allowance.subscription,
            overage_allowed: allowance.overage_allowed,
            resets_at: allowance.period.end(),
            minutes: Amounts::of(&allowance.books(), Amount),
            period: allowance.period,
        }
    }

    /// The same company with the plan and the books of a month, which is over unless it is open.
    fn in_month(self, books: &Books, open: bool) -> Self {
        let company = Company { plan: books.plan.unwrap_or(self.company.plan), ..self.company };
        Self {
            company,
            overage_allowed: books.overage_allowed,
            resets_at: books.period.end().filter(|_| open),
            minutes: Amounts::of(books, Amount),
            period: books.period.clone(),
            ..self
        }
    }
}

impl Show for CompanyView {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let allowed = if self.overage_allowed { "allowed" } else { "not allowed" };
        let Company { id, profile: CompanyProfile { name, .. }, plan, ats_id, created_at, .. } = &self.company;
        let mut fields = vec![
            ("id", id.to_string()),
            ("name", name.to_string()),
            ("plan", plan.to_string().to_lowercase()),
            ("ats", words(*ats_id)),
            ("limits", self.company.key_limits().to_string()),
            ("created", created_at.to_string()),
            ("subscription", self.subscription.to_string().to_lowercase()),
            ("period", self.period.to_string()),
            ("granted", self.minutes.granted.in_words()),
            ("reserved", self.minutes.reserved.in_words()),
            ("used", self.minutes.used.in_words()),
            ("remaining", self.minutes.remaining.in_words()),
            ("overage", format!("{}, {allowed}", self.minutes.overage.in_words())),
        ];
        fields.extend(self.minutes.overdrawn.as_ref().map(|overdrawn| ("overdrawn", overdrawn.in_words())));
        fields
    }

    fn row(&self) -> Vec<(&'static str, String)> {
        let Company { id, profile: CompanyProfile { name, .. }, plan, ats_id, created_at, .. } = &self.company;
        vec![
            ("id", id.to_string()),
            ("name", name.to_string()),
            ("plan", plan.to_string().to_lowercase()),
            ("subscription", self.subscription.to_string().to_lowercase()),
            ("granted", self.minutes.granted.to_string()),
            ("reserved", self.minutes.reserved.to_string()),
            ("used", self.minutes.used.to_string()),
            ("remaining", self.minutes.remaining.to_string()),
            ("ats", words(*ats_id)),
            ("created", created_at.to_string()),
        ]
    }
}
