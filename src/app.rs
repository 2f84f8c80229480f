//! The route table.

use crate::{
    components::{browser, frame::Frame, served::served, theme},
    pages,
    session::provide_session,
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

#[cfg(feature = "ssr")]
pub use crate::shell::shell;

/// All pages. Each is rendered whole before it is sent, so that it reads the same without JavaScript.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_session();
    theme::provide_theme();
    Effect::new(|_| {
        browser::keep_times();
        browser::mark_hydrated();
    });
    view! {
        <Router>
            <Frame>
                <FlatRoutes fallback=pages::not_found::NotFound>
                    <Route path=path!("/") view=|| served(pages::landing::Landing) ssr=SsrMode::Async />
                    <Route path=path!("/backtest") view=|| served(pages::backtest::BacktestPage) ssr=SsrMode::Async />
                    <Route path=path!("/verify") view=|| served(pages::verify::VerifyPage) ssr=SsrMode::Async />
                    <Route path=path!("/pricing") view=pages::pricing::Pricing ssr=SsrMode::Async />
                    <Route path=path!("/signup") view=pages::signup::SignUpPage ssr=SsrMode::Async />
                    <Route path=path!("/login") view=pages::login::LogInPage ssr=SsrMode::Async />
                    <Route path=path!("/forgot-password") view=pages::forgot_password::ForgotPassword ssr=SsrMode::Async />
                    <Route path=path!("/reset-password") view=pages::reset_password::ResetPasswordPage ssr=SsrMode::Async />
                    <Route path=path!("/verify-email") view=pages::verify_email::VerifyEmailPage ssr=SsrMode::Async />
                    <Route path=path!("/dashboard") view=pages::dashboard::DashboardPage ssr=SsrMode::Async />
                    <Route path=path!("/signal/:id") view=|| served(pages::signal::SignalPage) ssr=SsrMode::Async />
                    <Route path=path!("/track-record") view=|| served(pages::track_record::TrackRecordPage) ssr=SsrMode::Async />
                    <Route path=path!("/strategies") view=|| served(pages::strategies::StrategiesPage) ssr=SsrMode::Async />
                    <Route path=path!("/account") view=pages::account::AccountPage ssr=SsrMode::Async />
                    <Route path=path!("/admin") view=|| served(pages::admin::AdminPage) ssr=SsrMode::Async />
                    <Route path=path!("/dev/outbox") view=|| served(pages::outbox::OutboxPage) ssr=SsrMode::Async />
                    <Route path=path!("/terms") view=|| served(pages::terms::Terms) ssr=SsrMode::Async />
                    <Route path=path!("/privacy") view=|| served(pages::privacy::Privacy) ssr=SsrMode::Async />
                    <Route path=path!("/refunds") view=|| served(pages::refunds::Refunds) ssr=SsrMode::Async />
                    <Route path=path!("/risk") view=|| served(pages::risk::Risk) ssr=SsrMode::Async />
                </FlatRoutes>
            </Frame>
        </Router>
    }
}
