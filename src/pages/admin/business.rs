//! How the business does, in figures, and who joined it.

use super::Facts;
use crate::{
    components::{
        table::{Column::Words, table},
        when::day,
    },
    domain::{
        money::Money,
        operation::{AccountPage, AccountView, Business},
    },
    session::encode,
};
use leptos::prelude::*;
use maud::{Markup, html};

/// Accounts, who pays, and what came in.
#[component]
pub fn Figures(
    /// As counted just now.
    business: Business,
) -> impl IntoView {
    let figures = vec![
        ("Accounts", business.accounts.to_string()),
        ("New in the last 7 days", business.new_accounts.to_string()),
        ("Paying now", business.paying.to_string()),
        ("Payment failed, tried again", business.past_due.to_string()),
        ("Ending with what is paid", business.ending.to_string()),
        ("Revenue this month", amounts(&business.this_month)),
        ("Revenue last month", amounts(&business.last_month)),
    ];
    view! {
        <section class="block" aria-labelledby="business">
            <h2 id="business">"Business"</h2>
            <Facts figures=figures />
            <p class="hint">
                {format!(
                    "Revenue is what was paid, by the months of the invoices in {}. What you give back at Stripe is not booked here, and not taken off.",
                    business.time_zone,
                )}
            </p>
        </section>
    }
    .into_any()
}

fn amounts(takings: &[Money]) -> String {
    takings.iter().map(Money::to_string).collect::<Vec<_>>().join(" + ")
}

/// The newest accounts.
#[component]
pub fn Accounts(
    /// A page of them.
    page: AccountPage,
) -> impl IntoView {
    let AccountPage { accounts, next_cursor } = page;
    let columns = [Words("Address"), Words("Plan"), Words("Address confirmed"), Words("Since")];
    let rows = html! {
        @for account in &accounts { (row(account)) }
    };
    let table = table("accounts", "Newest accounts", &columns, rows);
    view! {
        <section class="block" aria-labelledby="accounts">
            <h2 id="accounts">"Newest accounts"</h2>
            <div class="markup" inner_html=table.into_string()></div>
            {next_cursor
                .map(|cursor| {
                    view! {
                        <p class="actions">
                            <a
                                class="button button-secondary"
                                href=format!("/admin?accounts={}#accounts", encode(&cursor))
                            >
                                "Older accounts"
                            </a>
                        </p>
                    }
                })}
        </section>
    }
    .into_any()
}

fn row(account: &AccountView) -> Markup {
    html! {
        tr role="row" {
            td role="cell" class="cell-address" { (account.email) }
            td role="cell" class="cell-plan" { (account.plan.label()) }
            td role="cell" class="cell-state" { @if account.is_verified { "Confirmed" } @else { "Not confirmed" } }
            td role="cell" class="cell-when" { (day(account.created_at)) }
        }
    }
}
