//! Who may do what: one table. The server is built from it, every request is checked by it, and the pages show what it allows.

use serde::{Deserialize, Serialize};

/// What a person is at the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks.
    Viewer,
    /// Codes: corrects, releases, overrides.
    Coder,
    /// Bills: the same, and voids.
    Biller,
    /// Leads them.
    Lead,
    /// Runs the site.
    Admin,
}

impl Role {
    /// Every one.
    pub const ALL: [Role; 5] = [Role::Viewer, Role::Coder, Role::Biller, Role::Lead, Role::Admin];

    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Coder => "coder",
            Role::Biller => "biller",
            Role::Lead => "lead",
            Role::Admin => "admin",
        }
    }

    /// By its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// How it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Method {
    Get,
    Post,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Action {
    Style,
    Script,
    Icon,
    SignInPage,
    SignIn,
    PasswordPage,
    SetPassword,
    SignOut,
    WorkList,
    Filter,
    WorkExport,
    KeepFilter,
    ForgetFilter,
    Live,
    Bulk,
    Undo,
    Blind,
    Claim,
    Checklist,
    Fix,
    Release,
    Override,
    Void,
    Assign,
    Snooze,
    Escalate,
    Query,
    AnswerQuery,
    Agree,
    Decline,
    ReportStyle,
    Dashboard,
    DashboardExport,
    Denials,
    DenialsFilter,
    DenialsExport,
    DenialClaims,
    DenialClaimsExport,
    Alerts,
    Alert,
    AlertAcknowledge,
    AlertSnooze,
    AlertAssign,
    AlertResolve,
    Files,
    FilesFilter,
    FilesExport,
    File,
    Audit,
    AuditFilter,
    AuditExport,
    Reference,
    ReferenceSearch,
    ReferenceExport,
    ReferenceEdit,
    ReferenceCode,
    ReferenceModifier,
    Huddle,
    HuddleFile,
    Settings,
}

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever reaches the port.
    Anyone,
    /// Who signed in with one of these roles.
    Signed(&'static [Role]),
}

/// One way in.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// How.
    pub method: Method,
    /// Where; `{name}` stands for one part. No part ever holds a claim number or a name.
    pub path: &'static str,
    /// What.
    pub action: Action,
    /// Who may.
    pub who: Who,
}

const fn route(method: Method, path: &'static str, action: Action, who: Who) -> Route {
    Route { method, path, action, who }
}

const EVERYONE: Who = Who::Signed(&Role::ALL);
const DECIDES: Who = Who::Signed(&[Role::Coder, Role::Biller, Role::Lead, Role::Admin]);
const LEADS: Who = Who::Signed(&[Role::Lead, Role::Admin]);
const RUNS: Who = Who::Signed(&[Role::Admin]);
const VOIDS: Who = Who::Signed(&[Role::Biller, Role::Lead, Role::Admin]);

/// Every way in. There is no other.
pub const ROUTES: &[Route] = &[
    route(Method::Get, "/assets/workbench.css", Action::Style, Who::Anyone),
    route(Method::Get, "/assets/workbench.js", Action::Script, Who::Anyone),
    route(Method::Get, "/assets/icon.svg", Action::Icon, Who::Anyone),
    route(Method::Get, "/sign-in", Action::SignInPage, Who::Anyone),
    route(Method::Post, "/sign-in", Action::SignIn, Who::Anyone),
    route(Method::Get, "/password/{link}", Action::PasswordPage, Who::Anyone),
    route(Method::Post, "/password/{link}", Action::SetPassword, Who::Anyone),
    route(Method::Post, "/sign-out", Action::SignOut, EVERYONE),
    route(Method::Get, "/", Action::WorkList, EVERYONE),
    route(Method::Get, "/work/{filter}", Action::WorkList, EVERYONE),
    route(Method::Post, "/work", Action::Filter, EVERYONE),
    route(Method::Get, "/work/{filter}/{export}", Action::WorkExport, EVERYONE),
    route(Method::Post, "/work/keep", Action::KeepFilter, EVERYONE),
    route(Method::Post, "/work/forget", Action::ForgetFilter, EVERYONE),
    route(Method::Get, "/live/{since}/{filter}", Action::Live, EVERYONE),
    route(Method::Post, "/work/bulk", Action::Bulk, DECIDES),
    route(Method::Post, "/undo", Action::Undo, DECIDES),
    route(Method::Post, "/blind", Action::Blind, EVERYONE),
    route(Method::Get, "/claim/{hold}", Action::Claim, EVERYONE),
    route(Method::Get, "/claim/{hold}/checklist", Action::Checklist, EVERYONE),
    route(Method::Post, "/claim/{hold}/fix", Action::Fix, DECIDES),
    route(Method::Post, "/claim/{hold}/release", Action::Release, DECIDES),
    route(Method::Post, "/claim/{hold}/override", Action::Override, DECIDES),
    route(Method::Post, "/claim/{hold}/void", Action::Void, VOIDS),
    route(Method::Post, "/claim/{hold}/assign", Action::Assign, DECIDES),
    route(Method::Post, "/claim/{hold}/snooze", Action::Snooze, DECIDES),
    route(Method::Post, "/claim/{hold}/escalate", Action::Escalate, DECIDES),
    route(Method::Post, "/claim/{hold}/query", Action::Query, DECIDES),
    route(Method::Post, "/claim/{hold}/answer", Action::AnswerQuery, DECIDES),
    route(Method::Post, "/claim/{hold}/agree", Action::Agree, DECIDES),
    route(Method::Post, "/claim/{hold}/decline", Action::Decline, DECIDES),
    route(Method::Get, "/assets/reports.css", Action::ReportStyle, Who::Anyone),
    route(Method::Get, "/dashboard", Action::Dashboard, EVERYONE),
    route(Method::Get, "/dashboard/{export}", Action::DashboardExport, EVERYONE),
    route(Method::Get, "/denials", Action::Denials, EVERYONE),
    route(Method::Post, "/denials", Action::DenialsFilter, EVERYONE),
    route(Method::Get, "/denials/{filter}", Action::Denials, EVERYONE),
    route(Method::Get, "/denials/{filter}/{export}", Action::DenialsExport, EVERYONE),
    route(Method::Get, "/denials/{filter}/claims", Action::DenialClaims, EVERYONE),
    route(Method::Get, "/denials/{filter}/claims/{export}", Action::DenialClaimsExport, EVERYONE),
    route(Method::Get, "/alerts", Action::Alerts, EVERYONE),
    route(Method::Get, "/alerts/{alert}", Action::Alert, EVERYONE),
    route(Method::Post, "/alerts/{alert}/acknowledge", Action::AlertAcknowledge, DECIDES),
    route(Method::Post, "/alerts/{alert}/snooze", Action::AlertSnooze, DECIDES),
    route(Method::Post, "/alerts/{alert}/assign", Action::AlertAssign, DECIDES),
    route(Method::Post, "/alerts/{alert}/resolve", Action::AlertResolve, DECIDES),
    route(Method::Get, "/files", Action::Files, EVERYONE),
    route(Method::Post, "/files", Action::FilesFilter, EVERYONE),
    route(Method::Get, "/files/found/{filter}", Action::Files, EVERYONE),
    route(Method::Get, "/files/found/{filter}/{export}", Action::FilesExport, EVERYONE),
    route(Method::Get, "/files/{file}", Action::File, EVERYONE),
    route(Method::Get, "/audit", Action::Audit, LEADS),
    route(Method::Post, "/audit", Action::AuditFilter, LEADS),
    route(Method::Get, "/audit/{filter}", Action::Audit, LEADS),
    route(Method::Get, "/audit/{filter}/{export}", Action::AuditExport, LEADS),
    route(Method::Get, "/reference", Action::Reference, EVERYONE),
    route(Method::Post, "/reference", Action::ReferenceSearch, EVERYONE),
    route(Method::Get, "/reference/found/{filter}", Action::Reference, EVERYONE),
    route(Method::Get, "/reference/found/{filter}/{export}", Action::ReferenceExport, EVERYONE),
    route(Method::Get, "/reference/edits/{edit}", Action::ReferenceEdit, EVERYONE),
    route(Method::Get, "/reference/codes/{code}", Action::ReferenceCode, EVERYONE),
    route(Method::Get, "/reference/modifiers/{modifier}", Action::ReferenceModifier, EVERYONE),
    route(Method::Get, "/huddle", Action::Huddle, EVERYONE),
    route(Method::Get, "/huddle/{week}/{export}", Action::HuddleFile, EVERYONE),
    route(Method::Get, "/settings", Action::Settings, RUNS),
];

impl Who {
    /// True where somebody of this role may.
    #[must_use]
    pub fn lets(self, role: Role) -> bool {
        match self {
            Who::Anyone => true,
            Who::Signed(roles) => roles.contains(&role),
        }
    }
}

/// True where somebody of this role may.
#[must_use]
pub fn may(role: Role, action: Action) -> bool {
    ROUTES.iter().any(|route| route.action == action && route.who.lets(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_changes_nothing_and_only_some_void() {
        let changes =
            [Action::Fix, Action::Release, Action::Override, Action::Void, Action::Assign, Action::Bulk];
        assert!(changes.into_iter().all(|action| !may(Role::Viewer, action)));
        assert!(may(Role::Viewer, Action::Claim) && !may(Role::Coder, Action::Void));
        assert!(changes.into_iter().all(|action| may(Role::Lead, action)));
        assert_eq!(Role::named("biller"), Some(Role::Biller));
        assert_eq!(Role::named("root"), None);
    }
}
