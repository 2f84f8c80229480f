//! Forms: label above, hint below, the fault in its place with the fix. They work without JavaScript too.

use super::notice::Failure;
use crate::api::submission::Submission;
use leptos::prelude::*;

/// A form, sent without leaving the page where scripts run.
#[component]
pub fn Form(
    /// Where it is sent.
    submission: Submission,
    /// Its class.
    #[prop(optional)]
    class: &'static str,
    /// Its fields and buttons.
    children: Children,
) -> impl IntoView {
    view! {
        <form
            method="post"
            action=submission.url
            class=(!class.is_empty()).then_some(class)
            on:submit=move |event| submission.send(&event)
        >
            {children()}
        </form>
    }
    .into_any()
}

/// What a mailed link brings along: no field that could be marked.
const LINK: &str = "token";

/// What is wrong with the form as a whole; faults of fields stand at the fields.
#[component]
pub fn FormProblem(
    /// The form's.
    submission: Submission,
) -> impl IntoView {
    let problem = submission.problem();
    view! {
        <div class="form-problem" role="alert">
            {move || {
                problem
                    .get()
                    .map(|problem| {
                        if problem.fields.is_empty() && problem.status >= 500 {
                            view! { <Failure problem=problem /> }.into_any()
                        } else if problem.fields.is_empty() || problem.fault(LINK).is_some() {
                            view! { <p class="form-summary">{problem.message()}</p> }.into_any()
                        } else {
                            view! { <p class="form-summary">"Please check what is marked below."</p> }.into_any()
                        }
                    })
            }}
        </div>
    }
    .into_any()
}

/// One line of text with its label.
#[component]
pub fn Field(
    /// The form's.
    submission: Submission,
    /// As the server function calls it; also the end of its id.
    name: &'static str,
    /// Above it.
    label: &'static str,
    /// Below it.
    #[prop(optional)]
    hint: &'static str,
    /// `text`, `email`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What browsers may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What stands in it at first, unless something else was typed into it before.
    #[prop(optional, into)]
    value: String,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// Whether the cursor is in it when the page opens.
    #[prop(optional)]
    autofocus: bool,
    /// Tells apart forms of one page that have a field of the same name.
    #[prop(optional)]
    form: &'static str,
) -> impl IntoView {
    let around = Around::of(submission, form, name);
    let inputmode = if kind == "email" { "email" } else { "text" };
    let value = submission.typed(name).unwrap_or(value);
    let input = view! {
        <input
            id=around.id.clone()
            name=name
            type=kind
            value=value
            autocomplete=autocomplete
            inputmode=inputmode
            autocapitalize=if kind == "email" { "none" } else { "sentences" }
            spellcheck="false"
            maxlength=if kind == "email" { "254" } else { "100" }
            required=!optional
            autofocus=autofocus
            aria-describedby=around.described_by()
            aria-invalid=around.invalid()
        />
    };
    around.view(label, optional, hint, input.into_any()).into_any()
}

/// A password, shown on demand.
#[component]
pub fn PasswordField(
    /// The form's.
    submission: Submission,
    /// As the server function calls it.
    name: &'static str,
    /// Above it.
    label: &'static str,
    /// Below it.
    #[prop(optional)]
    hint: &'static str,
    /// Whether it is one being chosen now.
    #[prop(optional)]
    new: bool,
    /// Whether the cursor is in it when the page opens.
    #[prop(optional)]
    autofocus: bool,
    /// Tells apart forms of one page that have a field of the same name.
    #[prop(optional)]
    form: &'static str,
) -> impl IntoView {
    let around = Around::of(submission, form, name);
    let shown = RwSignal::new(false);
    let input = view! {
        <div class="password">
            <input
                id=around.id.clone()
                name=name
                type=move || if shown.get() { "text" } else { "password" }
                autocomplete=if new { "new-password" } else { "current-password" }
                autocapitalize="none"
                spellcheck="false"
                minlength=new.then_some("8")
                maxlength="128"
                required=true
                autofocus=autofocus
                aria-describedby=around.described_by()
                aria-invalid=around.invalid()
            />
            <button
                type="button"
                class="password-show"
                aria-controls=around.id.clone()
                aria-pressed=move || if shown.get() { "true" } else { "false" }
                aria-label=format!("Show {}", label.to_ascii_lowercase())
                on:click=move |_| shown.update(|shown| *shown = !*shown)
            >
                {move || if shown.get() { "Hide" } else { "Show" }}
            </button>
        </div>
    };
    around.view(label, false, hint, input.into_any()).into_any()
}

/// Sends the form; cannot be pressed twice.
#[component]
pub fn Submit(
    /// The form's.
    submission: Submission,
    /// What it does.
    #[prop(into)]
    label: String,
    /// What it says while it does that.
    #[prop(default = "One moment…")]
    doing: &'static str,
    /// `primary`, `secondary`, `danger` or `quiet`.
    #[prop(default = "primary")]
    look: &'static str,
) -> impl IntoView {
    let busy = submission.busy();
    view! {
        <button
            type="submit"
            class=format!("button button-{look}")
            aria-busy=move || busy.get().then_some("true")
            disabled=move || busy.get()
        >
            {move || if busy.get() { doing.to_owned() } else { label.clone() }}
        </button>
    }
    .into_any()
}

/// What stands around an input: its label above, hint and fault below, and the ids that tie them together.
struct Around {
    id: String,
    fault: Signal<Option<String>>,
}

impl Around {
    /// Of the field `name`; `form` tells apart forms of one page that have a field of the same name.
    fn of(submission: Submission, form: &str, name: &'static str) -> Self {
        Self { id: format!("{form}{name}"), fault: submission.fault(name) }
    }

    fn described_by(&self) -> String {
        format!("{0}-hint {0}-fault", self.id)
    }

    fn invalid(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + use<> {
        let fault = self.fault;
        move || fault.with(|fault| fault.is_some().then_some("true"))
    }

    fn view(self, label: &'static str, optional: bool, hint: &'static str, input: AnyView) -> impl IntoView {
        let Self { id, fault } = self;
        let (hint_id, fault_id) = (format!("{id}-hint"), format!("{id}-fault"));
        view! {
            <div class="field">
                <label for=id>{label} {optional.then(|| view! { <span class="muted">" (optional)"</span> })}</label>
                {input}
                <p class="hint" id=hint_id>
                    {hint}
                </p>
                <p class="fault" id=fault_id>
                    {move || fault.get()}
                </p>
            </div>
        }
    }
}
