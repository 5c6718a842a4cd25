//! TLS to the database, by rustls.

use std::path::Path;
use std::sync::Arc;

use bharatmart_core::ports::Fault;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::Tls;
use crate::sql::PORT;

/// `None`: in the clear.
pub(super) fn connector(tls: &Tls) -> Result<Option<MakeRustlsConnect>, Fault> {
    if *tls == Tls::Off {
        return Ok(None);
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::broken(PORT, error))?;
    let config = match tls {
        Tls::Verified(file) => builder.with_root_certificates(authorities(file.as_deref())?),
        Tls::Off | Tls::Unverified => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        }
    };
    Ok(Some(MakeRustlsConnect::new(config.with_no_client_auth())))
}

fn authorities(file: Option<&Path>) -> Result<RootCertStore, Fault> {
    let mut authorities = RootCertStore::empty();
    match file {
        Some(file) => {
            let unreadable = |error| Fault::broken(PORT, format_args!("{}: {error}", file.display()));
            for certificate in CertificateDer::pem_file_iter(file).map_err(unreadable)? {
                authorities.add(certificate.map_err(unreadable)?).map_err(|error| Fault::broken(PORT, error))?;
            }
        }
        None => {
            authorities.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    match authorities.is_empty() {
        true => Err(Fault::broken(PORT, "no certificate authority is known to check the database's by")),
        false => Ok(authorities),
    }
}

/// What `sslmode=require` means to PostgreSQL: encrypted, to whoever answers.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
