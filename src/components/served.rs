//! Pages, and parts of them, that only show. The server alone makes them: the client takes one over as it is, and asks the
//! server for it when a link leads there, so that it carries neither what such a page says nor what makes it.

use leptos::prelude::*;
use std::future::Future;

/// Has a part of a page made anew.
#[derive(Clone, Copy, Debug, Default)]
pub struct Renewal(RwSignal<usize>);

impl Renewal {
    /// Asks the server for it.
    pub fn ask(self) {
        self.0.update(|asked| *asked += 1);
    }

    /// Counts how often it was asked for; an effect that looks at it goes on when it is asked for again.
    pub fn asked(self) -> usize {
        self.0.get()
    }

    /// Whether it was asked for again since [`Self::asked`] said `asked`.
    pub fn is_past(self, asked: usize) -> bool {
        self.0.try_get_untracked() != Some(asked)
    }
}

/// Marks the page that the server made, within the frame.
pub const SERVED: &str = "served";

/// The page that `page` makes on the server.
pub fn served<V: IntoView + 'static>(page: impl FnOnce() -> V + 'static) -> AnyView {
    #[cfg(feature = "hydrate")]
    {
        drop(page);
        crate::client::served::view().into_any()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        // Its answers are in its text: the client needs them no other way. The title without words stands where the
        // client has one that it sets.
        view! {
            <leptos_meta::Title />
            <div class=SERVED>{Owner::with_no_hydration(page)}</div>
        }
        .into_any()
    }
}

/// A part of the frame that `part` makes on the server, with the first page: it stays as long as the site is open.
pub fn kept<V: IntoView + 'static>(part: impl FnOnce() -> V + 'static) -> AnyView {
    #[cfg(feature = "hydrate")]
    {
        drop(part);
        view! { <div class="kept" inner_html=String::new()></div> }.into_any()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        view! { <div class="kept">{Owner::with_no_hydration(part)}</div> }.into_any()
    }
}

/// A part of a page, by its `name`, that `part` makes on the server. The client asks for it anew when `renewal` or the
/// address' query says so, and has what came before until it is there. `changed` is called when it was put into the page,
/// and when the page comes alive.
pub fn renewed<V: IntoView + 'static>(
    name: &'static str,
    renewal: Renewal,
    changed: impl Fn() + 'static,
    part: impl FnOnce() -> V + 'static,
) -> AnyView {
    #[cfg(feature = "hydrate")]
    {
        drop(part);
        crate::client::served::part(name, renewal, changed).into_any()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        drop((renewal, changed));
        view! { <div class=SERVED id=name>{Owner::with_no_hydration(part)}</div> }.into_any()
    }
}

/// Shows, in what the server makes, what it finds when it asks.
pub fn made<A, F>(
    ask: impl Fn() -> F + Send + Sync + 'static,
    view: impl Fn(A) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    A: Send + 'static,
    F: Future<Output = A> + Send + 'static,
{
    #[cfg(feature = "hydrate")]
    {
        drop((ask, view));
        ().into_any()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let view = std::sync::Arc::new(view);
        let shown = move || {
            let (asked, view) = (ask(), std::sync::Arc::clone(&view));
            Suspend::new(async move { view(asked.await) })
        };
        view! { <Suspense>{shown}</Suspense> }.into_any()
    }
}
