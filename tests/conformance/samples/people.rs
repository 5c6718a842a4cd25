//! Who has an account, and what belongs to it.

use bharatmart_adapters::system::System;
use bharatmart_core::access::Role;
use bharatmart_core::identity::{Address, AuditEntry, Code, Mfa, PendingEmail, Purpose, Session, User, UserStatus};
use bharatmart_core::ports::Ids;
use bharatmart_core::{AddressId, AuditId, SessionId, UserId};
use bharatmart_tests::data::at;
use serde_json::{Map, json};

pub fn a_full_user(id: UserId) -> User {
    User {
        id,
        version: 1,
        status: UserStatus::Disabled,
        role: Role::Support,
        name: "Asha “Ashu” D'Souza आशा 😀".to_owned(),
        email: Some("asha+shop@example.in".to_owned()),
        email_verified: true,
        new_email: Some("asha.new@example.in".to_owned()),
        phone: Some("+919876543210".to_owned()),
        phone_verified: true,
        picture: Some("https://example.in/asha.png?size=1&x=%20".to_owned()),
        password_hash: Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
        mfa: Some(Mfa {
            secret: "sealed.c2VjcmV0".to_owned(),
            confirmed: true,
            last_step: 59_666_666,
            recovery: vec!["b".repeat(64), "a".repeat(64)],
        }),
        sessions_since: at(-86_400),
        default_address: Some(AddressId::from_uuid(System.uuid())),
        addresses: 7,
        created_at: at(-90_000),
        updated_at: at(1),
    }
}

pub fn a_user(id: UserId) -> User {
    User {
        id,
        version: 1,
        status: UserStatus::Active,
        role: Role::Customer,
        name: "Ravi".to_owned(),
        email: None,
        email_verified: false,
        new_email: None,
        phone: None,
        phone_verified: false,
        picture: None,
        password_hash: None,
        mfa: None,
        sessions_since: at(0),
        default_address: None,
        addresses: 0,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// Has nothing it could leave out.
pub fn a_pending_email(user_id: UserId) -> PendingEmail {
    PendingEmail { email: format!("{user_id}@example.in"), version: 1, user_id, expires_at: at(86_400) }
}

pub fn a_full_session(user_id: UserId, id: SessionId) -> Session {
    Session {
        user_id,
        id,
        version: 1,
        token_hash: "c".repeat(64),
        former_hash: Some("d".repeat(64)),
        rotated_at: at(60),
        device_name: Some("Asha's phone".to_owned()),
        user_agent: Some("Mozilla/5.0 (Linux; Android 16) \"quoted\" %_\\".to_owned()),
        address: Some("2001:db8::1".to_owned()),
        created_at: at(0),
        expires_at: at(604_800),
        revoked_at: Some(at(61)),
    }
}

pub fn a_session(user_id: UserId, id: SessionId) -> Session {
    Session {
        user_id,
        id,
        version: 1,
        token_hash: "e".repeat(64),
        former_hash: None,
        rotated_at: at(0),
        device_name: None,
        user_agent: None,
        address: None,
        created_at: at(0),
        expires_at: at(604_800),
        revoked_at: None,
    }
}

pub fn a_full_code(user: UserId) -> Code {
    Code {
        id: "verify_email/आशा@example.in".to_owned(),
        version: 1,
        purpose: Purpose::VerifyEmail,
        user_id: Some(user),
        target: Some("asha+shop@example.in".to_owned()),
        hash: "0".repeat(64),
        tries: 2,
        created_at: at(1),
        expires_at: at(86_401),
    }
}

pub fn a_code() -> Code {
    Code {
        id: "phone_login/+919876543210".to_owned(),
        version: 1,
        purpose: Purpose::PhoneLogin,
        user_id: None,
        target: None,
        hash: "f".repeat(64),
        tries: 0,
        created_at: at(0),
        expires_at: at(300),
    }
}

pub fn a_full_address(user_id: UserId, id: AddressId) -> Address {
    Address {
        user_id,
        id,
        version: 1,
        label: "माँ का घर".to_owned(),
        full_name: "Ravi K.".to_owned(),
        phone: "+919812345678".to_owned(),
        line1: "7, \"Shanti\" Nivas; 4% lane_".to_owned(),
        line2: Some("2nd floor, “Sai” Apartments".to_owned()),
        landmark: Some("behind the ration shop, राशन की दुकान".to_owned()),
        city: "New Delhi".to_owned(),
        state: "Delhi".to_owned(),
        pincode: "110001".to_owned(),
        country: "IN".to_owned(),
        latitude: Some(-28_613_901),
        longitude: Some(179_999_999),
        created_at: at(4),
        updated_at: at(5),
    }
}

pub fn an_address(user_id: UserId, id: AddressId) -> Address {
    Address {
        user_id,
        id,
        version: 1,
        label: "home".to_owned(),
        full_name: "Asha D'Souza".to_owned(),
        phone: "+919876543210".to_owned(),
        line1: "12/3 MG Road".to_owned(),
        line2: None,
        landmark: None,
        city: "Bengaluru".to_owned(),
        state: "Karnataka".to_owned(),
        pincode: "560001".to_owned(),
        country: "IN".to_owned(),
        latitude: None,
        longitude: None,
        created_at: at(0),
        updated_at: at(0),
    }
}

pub fn a_full_audit_entry(id: AuditId, subject: UserId) -> AuditEntry {
    let details = json!({
        "before": { "role": "customer", "tags": [] }, "after": { "role": "admin", "tags": ["a", 1, null, true] },
        "note": "“was” 'it' \\ \"so\"?\n", "none": null,
    });
    AuditEntry {
        id,
        version: 1,
        at: at(2),
        actor: subject.to_string(),
        action: "user_changed".to_owned(),
        subject: subject.to_string(),
        address: Some("203.0.113.7".to_owned()),
        details: details.as_object().cloned().unwrap_or_default(),
    }
}

pub fn an_audit_entry(id: AuditId, subject: UserId) -> AuditEntry {
    AuditEntry {
        id,
        version: 1,
        at: at(3),
        actor: "guest".to_owned(),
        action: "login_failed".to_owned(),
        subject: subject.to_string(),
        address: None,
        details: Map::new(),
    }
}
