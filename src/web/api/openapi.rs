//! The API described for programs: OpenAPI 3.1, made from the functions that answer and the types they answer with.

use std::sync::LazyLock;

use axum::http::StatusCode;
use axum::response::Response;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{self, Content, Ref, RefOr, ResponseBuilder};

use super::super::Web;
use super::super::access::Method;
use super::call::{Bearer, Call, answer};
use super::problem::{Problem, Trouble};
use super::{ENTRIES, claims, decisions, reports, sites};

/// How the token is called there.
const TOKEN: &str = "token";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "claimloop",
        description = "Held claims, decisions on them, and what the history says. Errors are application/problem+json (RFC 9457). \
                       Lists go on by a cursor: send the `next` of an answer as `cursor`.",
    ),
    paths(
        document,
        claims::list,
        claims::search,
        claims::show,
        claims::checklist,
        claims::history,
        claims::payments,
        claims::export,
        claims::denials,
        claims::alert,
        decisions::one,
        decisions::several,
        decisions::alert,
        decisions::take,
        decisions::close,
        reports::metrics,
        reports::denials,
        reports::gaps,
        reports::payers,
        reports::unmapped,
        reports::trends,
        reports::huddle,
        reports::leadership,
        reports::alerts,
        reports::actions,
        sites::edits,
        sites::files,
        sites::people,
        sites::tokens,
    ),
    components(schemas(Problem))
)]
struct Described;

static DESCRIPTION: LazyLock<openapi::OpenApi> = LazyLock::new(described);

/// This description. It takes no token.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "site", responses((status = 200, body = Object)))]
pub fn document(_: &Web, _: &Bearer, _: &Call) -> Result<Response, Trouble> {
    answer(StatusCode::OK, &*DESCRIPTION)
}

/// What the functions say, with what the table says: who may, and what whoever may not is told.
fn described() -> openapi::OpenApi {
    let mut api = Described::openapi();
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let scheme =
        scheme.description(Some("A token of `claimloop tokens add`, with the scope the route names."));
    let components = api.components.get_or_insert_default();
    components.add_security_scheme(TOKEN, SecurityScheme::Http(scheme.build()));
    for entry in ENTRIES {
        let Some(item) = api.paths.paths.get_mut(entry.path) else { continue };
        let operation = match entry.method {
            Method::Get => item.get.as_mut(),
            Method::Post => item.post.as_mut(),
        };
        let (Some(operation), Some(scope)) = (operation, entry.scope) else { continue };
        operation.security = Some(vec![SecurityRequirement::new(TOKEN, [scope.name()])]);
        refusals(operation);
    }
    api
}

fn refusals(operation: &mut Operation) {
    for (status, said) in [
        ("401", "No token, or none that is one."),
        ("403", "The token is not good for this."),
        ("429", "Too many tokens were wrong."),
        ("default", "What else stands in the way."),
    ] {
        let problem = Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
        let response = ResponseBuilder::new().description(said).content("application/problem+json", problem);
        operation.responses.responses.insert(status.to_owned(), RefOr::T(response.build()));
    }
}
