//! Name, address and password.

use crate::{
    api::{
        account::{ChangeEmail, ChangeName, ChangePassword},
        auth::ResendVerification,
        submission::submission,
    },
    components::{
        form::{Field, Form, FormProblem, PasswordField, Submit},
        when::Exact,
    },
    domain::account::Person,
};
use leptos::prelude::*;

/// Who one is.
#[component]
pub fn Profile(
    /// Who is signed in.
    me: Person,
) -> impl IntoView {
    let sent = submission::<ChangeName>();
    view! {
        <section class="block" aria-labelledby="profile">
            <h2 id="profile">"Profile"</h2>
            <dl class="facts">
                <div class="fact">
                    <dt>"E-mail"</dt>
                    <dd>
                        {me.email.clone()} " "
                        {if me.email_verified {
                            view! { <span class="tag tag-good">"Confirmed"</span> }
                        } else {
                            view! { <span class="tag tag-warning">"Not confirmed"</span> }
                        }}
                    </dd>
                </div>
                <div class="fact">
                    <dt>"Member since"</dt>
                    <dd>
                        <Exact at=me.created_at />
                    </dd>
                </div>
            </dl>
            {me
                .is_operator
                .then(|| {
                    view! {
                        <p>
                            <a class="lone-link" href="/admin">
                                "To the operator's page"
                            </a>
                        </p>
                    }
                })}
            {(!me.email_verified).then(|| view! { <Resend /> })}
            <Form submission=sent>
                <FormProblem submission=sent />
                <Field submission=sent name="full_name" label="Name" autocomplete="name" value=me.full_name optional=true />
                <Submit submission=sent label="Save the name" doing="Saving…" look="secondary" />
            </Form>
        </section>
    }
    .into_any()
}

#[component]
fn Resend() -> impl IntoView {
    let sent = submission::<ResendVerification>();
    view! {
        <Form submission=sent>
            <FormProblem submission=sent />
            <p class="hint">"You can look and pay without confirming."</p>
            <Submit submission=sent label="Send the confirmation again" doing="Sending…" look="secondary" />
        </Form>
    }
    .into_any()
}

/// Changing the password.
#[component]
pub fn Password() -> impl IntoView {
    let sent = submission::<ChangePassword>();
    view! {
        <section class="block" aria-labelledby="password">
            <h2 id="password">"Password"</h2>
            <p class="muted">"Changing it ends every other session."</p>
            <Form submission=sent>
                <FormProblem submission=sent />
                <PasswordField submission=sent name="current_password" label="Current password" />
                <PasswordField
                    submission=sent
                    name="new_password"
                    label="New password"
                    new=true
                    hint="8 characters or more. A few words in a row make a good one."
                />
                <Submit submission=sent label="Change the password" doing="Changing…" look="secondary" />
            </Form>
        </section>
    }
    .into_any()
}

/// Changing the e-mail address.
#[component]
pub fn Address() -> impl IntoView {
    let sent = submission::<ChangeEmail>();
    view! {
        <section class="block" aria-labelledby="address">
            <h2 id="address">"E-mail address"</h2>
            <p class="muted">"We send a link to the new one; until you follow it, the old one stays."</p>
            <Form submission=sent>
                <FormProblem submission=sent />
                <Field submission=sent form="change-" name="email" label="New e-mail" kind="email" autocomplete="email" />
                <PasswordField submission=sent form="change-" name="password" label="Password" />
                <Submit submission=sent label="Change the address" doing="Sending…" look="secondary" />
            </Form>
        </section>
    }
    .into_any()
}
