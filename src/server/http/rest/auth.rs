//! Accounts by HTTP.

use crate::{
    api::error::Problem,
    domain::account::{Me, SessionView},
    server::{
        error::ServiceError,
        http::{
            extract::{Json, Path, media_type, parse_form, parse_json, refused_body},
            identity::{Reader, User},
            problem::{Failure, Refusals},
        },
        service::{
            accounts,
            client::Client,
            emails, passwords,
            sessions::{self, Tokens},
        },
        state::AppState,
    },
};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request, State, rejection::BytesRejection},
};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/auth`, and `/users/me`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(signup))
        .routes(routes!(register))
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(me, rename, delete_me))
        .routes(routes!(users_me))
        .routes(routes!(list_sessions))
        .routes(routes!(end_session))
        .routes(routes!(change_password))
        .routes(routes!(change_email))
        .routes(routes!(forgot_password))
        .routes(routes!(reset_password))
        .routes(routes!(verify_email))
        .routes(routes!(resend_verification))
        .routes(routes!(export))
}

/// Who signs up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignUp {
    #[schema(example = "asha@example.com", max_length = 254)]
    email: String,
    /// 8 to 128 characters, none of the common ones.
    #[schema(example = "a calm instrument", min_length = 8, max_length = 128)]
    password: String,
    #[serde(default)]
    #[schema(example = "Asha Rao", max_length = 100)]
    full_name: String,
}

/// Who logs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogIn {
    #[schema(example = "asha@example.com")]
    email: String,
    #[schema(example = "a calm instrument")]
    password: String,
}

/// The OAuth2 password form. Scopes and clients have no meaning here.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordForm {
    /// The e-mail address.
    username: String,
    password: String,
    #[serde(default, rename = "grant_type")]
    #[schema(pattern = "^(password)?$")]
    _grant_type: Option<String>,
    #[serde(default, rename = "scope")]
    _scope: Option<String>,
    #[serde(default, rename = "client_id")]
    _client_id: Option<String>,
    #[serde(default, rename = "client_secret")]
    _client_secret: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    refresh_token: String,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogOut {
    /// Needed only without an access token.
    #[serde(default)]
    refresh_token: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rename {
    #[schema(max_length = 100)]
    full_name: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordAgain {
    /// The account's password.
    password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    current_password: String,
    #[schema(min_length = 8, max_length = 128)]
    new_password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeEmail {
    /// The new address.
    email: String,
    /// The account's password.
    password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Address {
    email: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetPassword {
    /// From the mailed link.
    token: String,
    #[schema(min_length = 8, max_length = 128)]
    password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerifyEmail {
    /// From the mailed link.
    token: String,
}

/// Said whether or not there is such an account.
#[derive(Serialize, ToSchema)]
struct Accepted {
    /// What happens next.
    message: &'static str,
}

/// Everything kept about a person.
#[derive(Serialize, ToSchema)]
#[schema(value_type = Object)]
struct Export(serde_json::Value);

const ACCEPTED: (StatusCode, axum::Json<Accepted>) = (
    StatusCode::ACCEPTED,
    axum::Json(Accepted { message: "If there is such an account, a mail with a link is on its way." }),
);

/// Makes an account and signs in.
#[utoipa::path(post, path = "/auth/signup", tag = "auth", request_body = SignUp, responses(
    (status = 201, body = Tokens),
    (status = 409, description = "`email_in_use`", body = Problem, content_type = "application/problem+json"),
    Refusals,
))]
async fn signup(
    State(state): State<AppState>,
    client: Client,
    Json(body): Json<SignUp>,
) -> Result<(StatusCode, axum::Json<Tokens>), Failure> {
    let SignUp { email, password, full_name } = body;
    let request = accounts::SignUp { email, password, full_name };
    Ok((StatusCode::CREATED, axum::Json(accounts::sign_up(&state, request, &client).await?)))
}

/// The same as `/auth/signup`.
#[utoipa::path(post, path = "/auth/register", tag = "auth", request_body = SignUp, responses(
    (status = 201, body = Tokens),
    (status = 409, description = "`email_in_use`", body = Problem, content_type = "application/problem+json"),
    Refusals,
))]
async fn register(
    state: State<AppState>,
    client: Client,
    body: Json<SignUp>,
) -> Result<(StatusCode, axum::Json<Tokens>), Failure> {
    signup(state, client, body).await
}

/// Signs in, by JSON or by the OAuth2 password form.
#[utoipa::path(post, path = "/auth/login", tag = "auth",
    request_body(content((LogIn = "application/json"), (PasswordForm = "application/x-www-form-urlencoded"))),
    responses((status = 200, body = Tokens), Refusals))]
async fn login(State(state): State<AppState>, client: Client, request: Request) -> Result<axum::Json<Tokens>, Failure> {
    let LogIn { email, password } = read_login(request).await?;
    Ok(axum::Json(accounts::log_in(&state, &email, &password, &client).await?))
}

async fn read_login(request: Request) -> Result<LogIn, Failure> {
    let kind = media_type(request.headers());
    if kind.is_none_or(|kind| kind.essence_str() != mime::APPLICATION_WWW_FORM_URLENCODED) {
        return Ok(Json::<LogIn>::from_request(request, &()).await?.0);
    }
    let body = Bytes::from_request(request, &()).await.map_err(refused_body)?;
    let PasswordForm { username, password, .. } = parse_form(&body)?;
    Ok(LogIn { email: username, password })
}

/// Exchanges a refresh token for the next pair.
#[utoipa::path(post, path = "/auth/refresh", operation_id = "refresh_tokens", tag = "auth", request_body = Refresh,
    responses((status = 200, body = Tokens), Refusals))]
async fn refresh(
    State(state): State<AppState>,
    client: Client,
    Json(body): Json<Refresh>,
) -> Result<axum::Json<Tokens>, Failure> {
    Ok(axum::Json(sessions::refresh(&state, &body.refresh_token, &client).await?))
}

/// Ends the session that asks; without an access token, that of the refresh token in the body.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", security((), ("bearer" = [])),
    request_body = Option<LogOut>, responses((status = 204), Refusals))]
async fn logout(
    State(state): State<AppState>,
    Reader(user): Reader,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Failure> {
    let body = body.map_err(refused_body)?;
    let LogOut { refresh_token } = if body.is_empty() { LogOut::default() } else { parse_json(&body)? };
    match (user, refresh_token) {
        (Some(user), _) => sessions::log_out(&state, &user).await?,
        (None, Some(token)) => sessions::end_by_token(&state, &token).await?,
        (None, None) => {
            return Err(Failure(ServiceError::Unauthenticated("Send the access token, or the refresh token.")));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Who asks.
#[utoipa::path(get, path = "/auth/me", tag = "auth", security(("bearer" = [])), responses((status = 200, body = Me), Refusals))]
async fn me(User(user): User) -> axum::Json<Me> {
    axum::Json(user.me.clone())
}

/// The same as `/auth/me`.
#[utoipa::path(get, path = "/users/me", tag = "auth", security(("bearer" = [])), responses((status = 200, body = Me), Refusals))]
async fn users_me(user: User) -> axum::Json<Me> {
    me(user).await
}

/// Changes what one is called.
#[utoipa::path(patch, path = "/auth/me", tag = "auth", security(("bearer" = [])), request_body = Rename,
    responses((status = 204), Refusals))]
async fn rename(
    State(state): State<AppState>,
    User(user): User,
    Json(body): Json<Rename>,
) -> Result<StatusCode, Failure> {
    accounts::change_name(&state, user.me.id, &body.full_name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes the account for good. A live subscription ends at once: days of it that are paid are lost.
#[utoipa::path(delete, path = "/auth/me", tag = "auth", security(("bearer" = [])), request_body = PasswordAgain,
    responses((status = 204), Refusals))]
async fn delete_me(
    State(state): State<AppState>,
    User(user): User,
    Json(body): Json<PasswordAgain>,
) -> Result<StatusCode, Failure> {
    accounts::delete(&state, user.me.id, &body.password, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The sessions of who asks, the newest first.
#[utoipa::path(get, path = "/auth/sessions", tag = "auth", security(("bearer" = [])),
    responses((status = 200, body = [SessionView]), Refusals))]
async fn list_sessions(
    State(state): State<AppState>,
    User(user): User,
) -> Result<axum::Json<Vec<SessionView>>, Failure> {
    Ok(axum::Json(sessions::list(&state, user.me.id, user.session).await?))
}

/// Ends one session.
#[utoipa::path(delete, path = "/auth/sessions/{id}", tag = "auth", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The session")), responses((status = 204), Refusals))]
async fn end_session(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<uuid::Uuid>,
) -> Result<StatusCode, Failure> {
    sessions::end(&state, user.me.id, crate::domain::id::SessionId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes the password and ends every other session.
#[utoipa::path(post, path = "/auth/change-password", tag = "auth", security(("bearer" = [])),
    request_body = ChangePassword, responses((status = 204), Refusals))]
async fn change_password(
    State(state): State<AppState>,
    User(user): User,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode, Failure> {
    passwords::change(&state, user.me.id, user.session, &body.current_password, &body.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a link to a new address, which becomes the account's once it is followed.
#[utoipa::path(post, path = "/auth/change-email", tag = "auth", security(("bearer" = [])), request_body = ChangeEmail,
    responses(
        (status = 202, body = Accepted),
        (status = 409, description = "`email_in_use`", body = Problem, content_type = "application/problem+json"),
        Refusals,
    ))]
async fn change_email(
    State(state): State<AppState>,
    User(user): User,
    Json(body): Json<ChangeEmail>,
) -> Result<(StatusCode, axum::Json<Accepted>), Failure> {
    emails::change(&state, user.me.id, &body.email, &body.password).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(Accepted { message: "A mail with a link is on its way to the new address." })))
}

/// Sends a link to set a new password, if there is such an account.
#[utoipa::path(post, path = "/auth/forgot-password", tag = "auth", request_body = Address,
    responses((status = 202, body = Accepted), Refusals))]
async fn forgot_password(
    State(state): State<AppState>,
    Json(body): Json<Address>,
) -> Result<(StatusCode, axum::Json<Accepted>), Failure> {
    passwords::forgot(&state, &body.email).await?;
    Ok(ACCEPTED)
}

/// Sets a new password by a mailed link's token and ends every session.
#[utoipa::path(post, path = "/auth/reset-password", tag = "auth", request_body = ResetPassword,
    responses((status = 204), Refusals))]
async fn reset_password(State(state): State<AppState>, Json(body): Json<ResetPassword>) -> Result<StatusCode, Failure> {
    passwords::reset(&state, &body.token, &body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Confirms an address by a mailed link's token.
#[utoipa::path(post, path = "/auth/verify-email", tag = "auth", request_body = VerifyEmail, responses(
    (status = 204),
    (status = 409, description = "`email_in_use`", body = Problem, content_type = "application/problem+json"),
    Refusals,
))]
async fn verify_email(State(state): State<AppState>, Json(body): Json<VerifyEmail>) -> Result<StatusCode, Failure> {
    emails::verify(&state, &body.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends the confirmation link once more, if there is such an unconfirmed account.
#[utoipa::path(post, path = "/auth/resend-verification", tag = "auth", request_body = Address,
    responses((status = 202, body = Accepted), Refusals))]
async fn resend_verification(
    State(state): State<AppState>,
    Json(body): Json<Address>,
) -> Result<(StatusCode, axum::Json<Accepted>), Failure> {
    emails::resend(&state, &body.email).await?;
    Ok(ACCEPTED)
}

/// Everything kept about who asks, to take along.
#[utoipa::path(get, path = "/auth/export", operation_id = "export_account", tag = "auth", security(("bearer" = [])),
    responses((status = 200, body = Export), Refusals))]
async fn export(
    State(state): State<AppState>,
    User(user): User,
) -> Result<([(header::HeaderName, &'static str); 1], axum::Json<Export>), Failure> {
    let export = Export(accounts::export(&state, user.me.id).await?);
    Ok(([(header::CONTENT_DISPOSITION, "attachment; filename=\"signalbox-export.json\"")], axum::Json(export)))
}
