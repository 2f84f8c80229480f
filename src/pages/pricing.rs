//! `/pricing`: what is sold, and what each of it gives.

use crate::{
    api::{
        billing::{Plans, StartCheckout},
        source::Source,
        submission::{Submission, submission},
    },
    components::{
        form::{Form, FormProblem, Submit},
        icon::{Icon, Shape},
        loaded::both_loaded,
        notice::Failure,
    },
    domain::{
        account::Person,
        plan::{Plan, PlanView},
    },
    session::use_session,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The plans side by side.
#[component]
pub fn Pricing() -> impl IntoView {
    let offers = Source::ask(|| Plans {});
    let session = use_session();
    let checkout = submission::<StartCheckout>();
    view! {
        <Title text="Pricing" />
        <section class="pricing">
            <h1>"Pricing"</h1>
            <p class="lead">
                "Look for nothing as long as you like. Pay when you want each signal the moment it exists."
            </p>
            {both_loaded(
                (session.user, offers),
                8,
                move |user, plans| match plans {
                    Ok(plans) => view! { <Offers plans=plans user=user.ok().flatten() checkout=checkout /> }.into_any(),
                    Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                },
            )}
            <section class="text-page" aria-labelledby="fair">
                <h2 id="fair">"Fair terms"</h2>
                <ul>
                    <li>"Cancel any time, by yourself; what is paid for goes on until its end."</li>
                    <li>"Cards are entered on the payment provider's page and never reach us."</li>
                    <li>
                        "What you may get back, and how, stands under " <a href="/refunds">"refunds"</a> "; what can go wrong under "
                        <a href="/risk">"risk"</a> "."
                    </li>
                </ul>
            </section>
        </section>
    }
}

#[component]
fn Offers(plans: Vec<PlanView>, user: Option<Person>, checkout: Submission) -> impl IntoView {
    let paid = user.as_ref().is_some_and(|me| me.is_paid);
    let signed_in = user.is_some();
    view! {
        <ul class="plans">
            {plans
                .into_iter()
                .map(|plan| view! { <Offer plan=plan signed_in=signed_in paid=paid checkout=checkout /> })
                .collect_view()}
        </ul>
    }
}

#[component]
fn Offer(plan: PlanView, signed_in: bool, paid: bool, checkout: Submission) -> impl IntoView {
    let free = plan.plan == Plan::Free;
    let class = if free { "plan" } else { "plan plan-main" };
    let interval = plan.interval.map(|interval| format!(" a {interval}"));
    let price = plan.price.to_string();
    view! {
        <li class=class>
            <h2>{plan.name}</h2>
            <p class="plan-price">
                <strong>{price}</strong>
                {interval}
            </p>
            <ul class="plan-features">
                {plan
                    .features
                    .into_iter()
                    .map(|feature| {
                        view! {
                            <li>
                                <Icon shape=Shape::Tick />
                                <span>{feature}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            {match (free, signed_in, paid) {
                (true, false, _) => {
                    view! {
                        <a class="button button-secondary" href="/signup">
                            "Sign up"
                        </a>
                    }
                        .into_any()
                }
                (false, _, true) => {
                    view! {
                        <p class="plan-yours">"Your plan. "<a href="/account#plan">"Manage it"</a></p>
                    }
                        .into_any()
                }
                (true, true, false) => view! { <p class="plan-yours">"Your plan"</p> }.into_any(),
                (true, true, true) => ().into_any(),
                (false, true, false) if plan.available => view! { <Subscribe checkout=checkout /> }.into_any(),
                (false, false, false) if plan.available => {
                    view! {
                        <a class="button" href="/signup?next=/pricing">
                            "Sign up to subscribe"
                        </a>
                    }
                        .into_any()
                }
                _ => view! { <p class="muted">"Not on sale now"</p> }.into_any(),
            }}
        </li>
    }
    .into_any()
}

/// The button that goes to the checkout.
#[component]
pub fn Subscribe(
    /// To the checkout; made where the page is made.
    checkout: Submission,
    /// `primary` or `secondary`.
    #[prop(default = "primary")]
    look: &'static str,
) -> impl IntoView {
    view! {
        <Form submission=checkout>
            <FormProblem submission=checkout />
            <Submit submission=checkout label="Subscribe" doing="Going to the checkout…" look=look />
        </Form>
    }
    .into_any()
}
