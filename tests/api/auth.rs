//! Signing up and in, tokens, sessions and cookies, over HTTP.

use crate::{
    harness::{Account, Backend, PASSWORD, Site, TestApp, free_port},
    on_both,
    signals::OwnRedis,
};
use futures::future::join_all;
use reqwest::{RequestBuilder, Response, header};
use serde_json::{Value, json};
use std::{collections::HashSet, sync::Arc, time::Duration};

const DAY: Duration = Duration::from_secs(86_400);

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

async fn body(response: Response) -> Value {
    response.json().await.unwrap()
}

/// The problem that a request ends in; its status is that of the answer.
async fn problem(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    let status = response.status().as_u16();
    let problem = body(response).await;
    assert_eq!(problem["status"], status);
    assert!(problem["request_id"].is_string());
    problem
}

fn log_in(app: &TestApp, email: &str, password: &str) -> RequestBuilder {
    app.post("/auth/login", &json!({"email": email, "password": password}))
}

fn refresh(app: &TestApp, token: &str) -> RequestBuilder {
    app.post("/auth/refresh", &json!({"refresh_token": token}))
}

fn me(app: &TestApp, token: &str) -> RequestBuilder {
    app.get("/auth/me").bearer_auth(token)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

/// The session that an access token descends from.
async fn session(app: &TestApp, token: &str) -> String {
    let listed = body(app.get("/auth/sessions").bearer_auth(token).send().await.unwrap()).await;
    let current = listed.as_array().unwrap().iter().find(|session| session["current"] == true);
    text(current.unwrap(), "id").to_owned()
}

/// The name and value of each cookie that an answer sets.
fn cookies(response: &Response) -> Vec<(String, String)> {
    let lines = response.headers().get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    let pairs = lines.map(|line| line.split(';').next().unwrap().split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn with_cookies(request: RequestBuilder, access: &str, refresh: &str) -> RequestBuilder {
    request.header(header::COOKIE, format!("signalbox_access={access}; signalbox_refresh={refresh}"))
}

/// Two instances on a site of their own, whose jobs do not run: what a test asks for is all that happens.
pub async fn pair(backend: Backend) -> (TestApp, TestApp) {
    let site = Arc::new(Site::with_settings(backend, &[("STRIPE_API_BASE", "http://127.0.0.1:9")]).await);
    (TestApp::on_unready(Arc::clone(&site)).await, TestApp::on_unready(site).await)
}

/// Stops them and removes their site.
pub async fn part((one, two): (TestApp, TestApp)) {
    let site = Arc::clone(&one.site);
    one.stop().await;
    two.stop().await;
    site.database.remove().await;
}

/// How many of 20 logins with a wrong password, spread over two instances, were looked at; the others had to wait.
async fn looked_at(apps: [&TestApp; 2], email: &str) -> usize {
    let tries = (0..20).map(|n| status(log_in(apps[n % 2], email, "a wrong instrument")));
    let answers = join_all(tries).await;
    assert!(answers.iter().all(|answer| [401, 429].contains(answer)), "{answers:?}");
    answers.iter().filter(|answer| **answer == 401).count()
}

on_both! {
    async fn signup_login(app: TestApp) {
        let asked = json!({"email": "  Asha@Example.com ", "password": PASSWORD, "full_name": "Asha Rao"});
        let response = app.post("/api/v1/auth/signup", &asked).send().await.unwrap();
        assert_eq!(response.status(), 201);
        assert!(response.headers().get(header::SET_COOKIE).is_none(), "REST sets no cookies");
        let tokens = body(response).await;
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("bearer"), &json!(1800)));
        let taken = problem(app.post("/auth/register", &json!({"email": "asha@example.com", "password": PASSWORD}))).await;
        assert_eq!((&taken["status"], &taken["code"], &taken["fields"][0]["field"]), (&json!(409), &json!("email_in_use"), &json!("email")));
        let response = log_in(&app, "ASHA@example.com", PASSWORD).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let again = body(response).await;
        assert_ne!(again["refresh_token"], tokens["refresh_token"]);
        let form = [("grant_type", "password"), ("username", "asha@example.com"), ("password", PASSWORD)];
        let by_form = body(app.client.post(app.url("/auth/login")).form(&form).send().await.unwrap()).await;
        assert_eq!(body(me(&app, text(&by_form, "access_token")).send().await.unwrap()).await["email"], "asha@example.com");
        let wrong = problem(log_in(&app, "asha@example.com", "another calm instrument")).await;
        assert_eq!((&wrong["status"], &wrong["code"]), (&json!(401), &json!("unauthenticated")));
    }

    async fn every_field_is_told_what_is_wrong_with_it(app: TestApp) {
        let asked = json!({"email": "asha", "password": "short", "full_name": "A\nB"});
        let told = problem(app.post("/auth/signup", &asked)).await;
        assert_eq!(told["status"], 422);
        let fields: Vec<&str> = told["fields"].as_array().unwrap().iter().map(|fault| text(fault, "field")).collect();
        assert_eq!(fields, ["email", "password", "full_name"]);
        let more = json!({"email": "a@example.com", "password": PASSWORD, "role": "operator"});
        let told = problem(app.post("/auth/signup", &more)).await;
        assert_eq!((&told["status"], &told["fields"][0]["field"]), (&json!(422), &json!("role")));
        let broken = app.client.post(app.url("/auth/signup")).header("content-type", "application/json").body("{");
        assert_eq!(problem(broken).await["code"], "unreadable");
    }

    async fn auth_protected_route(app: TestApp) {
        let account = app.sign_up().await;
        let response = app.get("/auth/me").send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert!(response.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().starts_with("Bearer"));
        let forged = format!("{}x", account.access_token);
        for token in ["nonsense", "a.b.c", &forged, &account.refresh_token] {
            assert_eq!(problem(me(&app, token)).await["code"], "unauthenticated", "{token}");
        }
        assert_eq!(status(me(&app, &account.access_token)).await, 200);
        app.clock.advance(Duration::from_secs(30 * 60));
        assert_eq!(status(me(&app, &account.access_token)).await, 401, "after 30 minutes it is too old");
        let fresh = body(refresh(&app, &account.refresh_token).send().await.unwrap()).await;
        assert_eq!(status(me(&app, text(&fresh, "access_token"))).await, 200);
    }

    async fn auth_me_with_valid_token(app: TestApp) {
        let account = app.sign_up().await;
        for path in ["/auth/me", "/users/me", "/api/v1/auth/me"] {
            let who = body(account.bearer(app.get(path)).send().await.unwrap()).await;
            let names: HashSet<&str> = who.as_object().unwrap().keys().map(String::as_str).collect();
            let expected = ["id", "email", "full_name", "is_paid", "email_verified", "created_at"];
            assert_eq!(names, HashSet::from(expected));
            assert_eq!(who["email"], account.email.as_str());
            assert_eq!((&who["full_name"], &who["is_paid"], &who["email_verified"]), (&json!("Asha Rao"), &json!(false), &json!(false)));
        }
        let renamed = account.bearer(app.client.patch(app.url("/auth/me"))).json(&json!({"full_name": "Asha"}));
        assert!(renamed.send().await.unwrap().status().is_success());
        assert_eq!(body(me(&app, &account.access_token).send().await.unwrap()).await["full_name"], "Asha", "at once");
    }

    async fn refresh_tokens_rotate_and_their_reuse_ends_the_family(app: TestApp) {
        let account = app.sign_up().await;
        let first = session(&app, &account.access_token).await;
        let second = body(refresh(&app, &account.refresh_token).send().await.unwrap()).await;
        assert_ne!(second["refresh_token"], account.refresh_token.as_str());
        assert_eq!(session(&app, text(&second, "access_token")).await, first, "the session stays");
        app.clock.advance(Duration::from_secs(9));
        let again = body(refresh(&app, &account.refresh_token).send().await.unwrap()).await;
        assert_eq!(again["refresh_token"], second["refresh_token"], "for ten seconds the very same successor");
        app.clock.advance(Duration::from_secs(2));
        assert_eq!(problem(refresh(&app, &account.refresh_token)).await["status"], 401);
        assert_eq!(status(refresh(&app, text(&second, "refresh_token"))).await, 401, "the whole family is over");
        assert_eq!(status(me(&app, text(&second, "access_token"))).await, 401, "at once");
        assert_eq!(status(log_in(&app, &account.email, PASSWORD)).await, 200);
    }

    async fn a_session_lives_seven_days_from_its_last_use(app: TestApp) {
        let account = app.sign_up().await;
        app.clock.advance(6 * DAY);
        let next = body(refresh(&app, &account.refresh_token).send().await.unwrap()).await;
        app.clock.advance(6 * DAY);
        let last = body(refresh(&app, text(&next, "refresh_token")).send().await.unwrap()).await;
        app.clock.advance(7 * DAY);
        assert_eq!(status(refresh(&app, text(&last, "refresh_token"))).await, 401);
        assert_eq!(status(refresh(&app, "out of thin air")).await, 401);
    }

    async fn twenty_parallel_refreshes_leave_one_family(app: TestApp) {
        let (app, other) = pair(app.site.backend).await;
        let account = app.sign_up().await;
        let mut token = account.refresh_token.clone();
        for _ in 0..3 {
            let both = [&app, &other];
            let all = (0..20).map(|n| refresh(both[n % 2], &token).send());
            let mut successors = HashSet::new();
            for answer in join_all(all).await {
                let answer = answer.unwrap();
                assert_eq!(answer.status(), 200);
                let tokens = body(answer).await;
                assert_eq!(status(me(&app, text(&tokens, "access_token"))).await, 200);
                successors.insert(text(&tokens, "refresh_token").to_owned());
            }
            assert_eq!(successors.len(), 1, "all got the same successor");
            token = successors.into_iter().next().unwrap();
        }
        let tokens = body(refresh(&app, &token).send().await.unwrap()).await;
        let listed = app.get("/auth/sessions").bearer_auth(text(&tokens, "access_token")).send().await.unwrap();
        assert_eq!(body(listed).await.as_array().unwrap().len(), 1);
        part((app, other)).await;
    }

    async fn an_ended_session_is_dead_at_once_here_and_soon_elsewhere(app: TestApp) {
        let (app, elsewhere) = pair(app.site.backend).await;
        let account = app.sign_up().await;
        let phone = body(log_in(&app, &account.email, PASSWORD).send().await.unwrap()).await;
        let phone = text(&phone, "access_token");
        assert_eq!(status(me(&elsewhere, &account.access_token)).await, 200);
        assert_eq!(status(me(&elsewhere, phone)).await, 200);
        // A new session is known in the other process although it has just read the older ones.
        let third = body(log_in(&app, &account.email, PASSWORD).send().await.unwrap()).await;
        assert_eq!(status(me(&elsewhere, text(&third, "access_token"))).await, 200);
        let path = format!("/auth/sessions/{}", session(&app, phone).await);
        let end = || account.bearer(app.client.delete(app.url(&path)));
        assert_eq!(status(end()).await, 204);
        assert_eq!(status(me(&app, phone)).await, 401);
        elsewhere.until("the other process knows", || async { status(me(&elsewhere, phone)).await == 401 }).await;
        assert_eq!(status(me(&elsewhere, &account.access_token)).await, 200, "the other session lives");
        assert_eq!(problem(end()).await["status"], 404);
        let stranger = app.sign_up().await;
        let own = format!("/auth/sessions/{}", session(&app, &account.access_token).await);
        assert_eq!(status(stranger.bearer(app.client.delete(app.url(&own)))).await, 404, "nobody else's");
        assert_eq!(status(me(&app, &account.access_token)).await, 200);
        part((app, elsewhere)).await;
    }

    async fn logout_ends_the_session_by_either_token(app: TestApp) {
        let account = app.sign_up().await;
        assert_eq!(status(account.bearer(app.client.post(app.url("/auth/logout")))).await, 204);
        assert_eq!(status(me(&app, &account.access_token)).await, 401);
        assert_eq!(status(refresh(&app, &account.refresh_token)).await, 401);
        let tokens = body(log_in(&app, &account.email, PASSWORD).send().await.unwrap()).await;
        let by_refresh = json!({"refresh_token": tokens["refresh_token"]});
        assert_eq!(status(app.post("/auth/logout", &by_refresh)).await, 204);
        assert_eq!(status(me(&app, text(&tokens, "access_token"))).await, 401);
        assert_eq!(status(app.post("/auth/logout", &by_refresh)).await, 401);
    }

    async fn of_simultaneous_signups_one_wins(app: TestApp) {
        let asked = json!({"email": "same@example.com", "password": PASSWORD});
        let all = join_all((0..8).map(|_| status(app.post("/auth/signup", &asked)))).await;
        assert_eq!(all.iter().filter(|status| **status == 201).count(), 1, "{all:?}");
        assert_eq!(all.iter().filter(|status| **status == 409).count(), 7, "{all:?}");
    }

    async fn unknown_addresses_cannot_be_told_from_known_ones(app: TestApp) {
        let account = app.sign_up().await;
        let mut told = Vec::new();
        for email in [account.email.as_str(), "nobody@example.com"] {
            let before = app.state.hasher.computed();
            let mut answers = Vec::new();
            for _ in 0..6 {
                let mut answer = problem(log_in(&app, email, "a wrong instrument")).await;
                answer.as_object_mut().unwrap().remove("request_id");
                // The last says how many seconds are left.
                if answer["status"] == 429 {
                    answer.as_object_mut().unwrap().remove("detail");
                }
                answers.push(answer);
            }
            for path in ["/auth/forgot-password", "/auth/resend-verification"] {
                let response = app.post(path, &json!({"email": email})).send().await.unwrap();
                answers.push(json!([response.status().as_u16(), response.text().await.unwrap()]));
            }
            told.push((app.state.hasher.computed() - before, answers));
        }
        assert_eq!(told[0], told[1]);
        assert_eq!(told[0].0, 5, "passwords were looked at until the wait began");
    }

    async fn wrong_passwords_cost_a_wait_that_ends(app: TestApp) {
        let account = app.sign_up().await;
        for _ in 0..5 {
            assert_eq!(status(log_in(&app, &account.email, "a wrong instrument")).await, 401);
        }
        let response = log_in(&app, &account.email, PASSWORD).send().await.unwrap();
        assert_eq!(response.status(), 429, "not even the right one is looked at now");
        assert!(response.headers().contains_key(header::RETRY_AFTER));
        assert_eq!(status(me(&app, &account.access_token)).await, 200, "open sessions go on");
        app.clock.advance(Duration::from_secs(8));
        assert_eq!(status(log_in(&app, &account.email, PASSWORD)).await, 200);
        for _ in 0..5 {
            assert_eq!(status(log_in(&app, &account.email, "a wrong instrument")).await, 401, "forgotten");
        }
    }

    async fn a_strangers_wrong_logins_do_not_hold_up_who_is_signed_in(app: TestApp) {
        let (one, two) = pair(app.site.backend).await;
        let both = if app.site.backend == Backend::Embedded { [&one, &one] } else { [&one, &two] };
        let account = one.sign_up().await;
        assert_eq!(looked_at([&one, &one], &account.email).await, 5);
        assert_eq!(status(log_in(&one, &account.email, PASSWORD)).await, 429, "the address waits");
        let change = |app: &TestApp, old: &str| {
            let asked = json!({"current_password": old, "new_password": "another calm instrument"});
            account.bearer(app.post("/auth/change-password", &asked))
        };
        // Their own wrong tries are bounded all the same, over both processes.
        let tries = (0..12).map(|n| status(change(both[n % 2], "a wrong instrument")));
        let answers = join_all(tries).await;
        assert_eq!(answers.iter().filter(|answer| **answer == 422).count(), 5, "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| **answer == 429).count(), 7, "{answers:?}");
        for app in [&one, &two] {
            app.clock.advance(Duration::from_secs(4));
        }
        assert_eq!(status(change(both[1], PASSWORD)).await, 204);
        let delete = account.bearer(one.client.delete(one.url("/auth/me")));
        // The wait of the address is longer than that of the person, and nobody but strangers has to mind.
        assert_eq!(looked_at([&one, &one], &account.email).await, 1);
        assert_eq!(status(delete.json(&json!({"password": "another calm instrument"}))).await, 204);
        part((one, two)).await;
    }

    async fn wrong_passwords_count_together_wherever_they_are_tried(app: TestApp) {
        let (one, two) = pair(app.site.backend).await;
        // One process is all there is without Redis.
        let both = if app.site.backend == Backend::Embedded { [&one, &one] } else { [&one, &two] };
        let account = one.sign_up().await;
        assert_eq!(looked_at(both, &account.email).await, 5, "then the first wait begins");
        assert_eq!(status(log_in(both[1], &account.email, PASSWORD)).await, 429);
        for app in [&one, &two] {
            app.clock.advance(Duration::from_secs(4));
        }
        assert_eq!(looked_at(both, &account.email).await, 1, "each further one costs a longer wait");
        for app in [&one, &two] {
            app.clock.advance(Duration::from_secs(8));
        }
        assert_eq!(status(log_in(both[1], &account.email, PASSWORD)).await, 200);
        assert_eq!(looked_at(both, &account.email).await, 5, "forgotten after the right one");
        part((one, two)).await;
    }

    async fn more_logins_than_fit_are_refused_and_nothing_else_is(app: TestApp) {
        let account = app.sign_up().await;
        let logins = (0..120).map(|n| log_in(&app, &format!("nobody-{n}@example.com"), PASSWORD).send());
        let (answers, who) = tokio::join!(join_all(logins), me(&app, &account.access_token).send());
        assert_eq!(who.unwrap().status(), 200);
        let answers: Vec<Response> = answers.into_iter().map(Result::unwrap).collect();
        let refused: Vec<&Response> = answers.iter().filter(|answer| answer.status() == 503).collect();
        assert!(!refused.is_empty() && answers.iter().any(|answer| answer.status() == 401));
        assert!(refused.iter().all(|answer| answer.headers().contains_key(header::RETRY_AFTER)));
        assert_eq!(status(log_in(&app, &account.email, PASSWORD)).await, 200, "places are given back");
    }

    async fn bearer_wins_over_the_cookie(app: TestApp) {
        let (one, two): (Account, Account) = (app.sign_up().await, app.sign_up().await);
        let ask = || with_cookies(app.get("/auth/me"), &one.access_token, &one.refresh_token);
        assert_eq!(body(ask().send().await.unwrap()).await["email"], one.email.as_str());
        assert_eq!(body(two.bearer(ask()).send().await.unwrap()).await["email"], two.email.as_str());
        assert_eq!(status(ask().bearer_auth("bad")).await, 401);
        assert_eq!(status(ask().basic_auth("asha", Some("x"))).await, 401);
        let twice = ask().header(header::AUTHORIZATION, format!("Bearer {}", one.access_token));
        assert_eq!(status(twice.header(header::AUTHORIZATION, "Bearer other")).await, 401);
    }

    async fn the_browser_gets_cookies_and_never_a_token(app: TestApp) {
        let account = app.sign_up().await;
        let form = [("email", account.email.as_str()), ("password", PASSWORD)];
        let asked = app.client.post(app.url("/fn/log_in")).header("sec-fetch-site", "same-origin").form(&form);
        let response = asked.send().await.unwrap();
        let lines: Vec<_> = response.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
        assert_eq!(lines.len(), 2, "{response:?}");
        for line in &lines {
            let line = line.to_str().unwrap();
            assert!(line.ends_with("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"), "{line}");
        }
        let set = cookies(&response);
        assert_eq!((set[0].0.as_str(), set[1].0.as_str()), ("signalbox_access", "signalbox_refresh"));
        let answer = response.text().await.unwrap();
        assert!(!answer.contains(&set[0].1) && !answer.contains(&set[1].1));
        assert_eq!(status(with_cookies(app.get("/auth/me"), &set[0].1, &set[1].1)).await, 200);
    }

    async fn pages_renew_a_session_and_the_api_does_not(app: TestApp) {
        let account = app.sign_up().await;
        app.clock.advance(Duration::from_secs(31 * 60));
        let old = |path: &str| with_cookies(app.get(path), &account.access_token, &account.refresh_token);
        let api = old("/auth/me").send().await.unwrap();
        assert_eq!(api.status(), 401);
        assert!(cookies(&api).is_empty());
        let answer = old("/fn/me").send().await.unwrap();
        let renewed = cookies(&answer);
        assert_eq!(renewed.len(), 2, "{answer:?}");
        assert_eq!(body(answer).await["email"], account.email.as_str(), "signed in while asking");
        assert_eq!(status(with_cookies(app.get("/auth/me"), &renewed[0].1, &renewed[1].1)).await, 200);
        let tab = cookies(&old("/fn/me").send().await.unwrap());
        assert_eq!(tab[1].1, renewed[1].1, "a second tab gets the same");
        app.clock.advance(Duration::from_secs(60));
        let dead = old("/fn/me").send().await.unwrap();
        assert_eq!(cookies(&dead), [("signalbox_access".into(), String::new()), ("signalbox_refresh".into(), String::new())]);
        assert_eq!(body(dead).await, Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_each_process_counts_wrong_passwords() {
    let port = free_port();
    let redis = OwnRedis::start(port).await;
    let address = format!("redis://127.0.0.1:{port}");
    let app = TestApp::spawn_with(Backend::ScaleOut, &[("REDIS_URL", &address)]).await;
    let account = app.sign_up().await;
    assert_eq!(status(log_in(&app, &account.email, "a wrong instrument")).await, 401);
    redis.stop().await;
    assert_eq!(looked_at([&app, &app], &account.email).await, 5, "what Redis knew is lost, and no more");
    assert_eq!(status(log_in(&app, &account.email, PASSWORD)).await, 429);
    app.clock.advance(Duration::from_secs(8));
    assert_eq!(status(log_in(&app, &account.email, PASSWORD)).await, 200);
    assert_eq!(looked_at([&app, &app], &account.email).await, 5, "forgotten after the right one");
    let site = Arc::clone(&app.site);
    app.stop().await;
    site.database.remove().await;
}
