//! What is said between this program and a provider, by the rules of OpenID Connect.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base::{Clock, Error, Moment, Result};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient,
    CoreClientAuthMethod, CoreGrantType, CoreIdToken, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, AuthenticationContextClass, AuthorizationCode,
    ClaimsVerificationError, ClientId, CsrfToken, DiscoveryError, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, ProviderMetadata, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, TokenResponse as _,
};
use serde::{Deserialize, Serialize};

use super::http::Http;
use super::model::{Provider, Second, is_safe};

/// What a provider says of itself is believed for so long.
const KNOWN_MICROS: i64 = 10 * 60 * 1_000_000;
/// One that was away is not asked again for so long.
const GONE_MICROS: i64 = 15 * 1_000_000;

/// Signatures by the provider's own keys; a secret that both sides know proves nothing to the one
/// who would have to tell them apart.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What the library does not read of what a provider says of itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Further {
    /// Whether it names itself when it sends somebody back (RFC 9207).
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Further {}

/// What a provider said of itself, and when; none when it was away.
type Said = (Moment, Option<Arc<Metadata>>);

/// What providers say of themselves, for a while, by their ids.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<HashMap<String, Said>>);

/// On the way to a provider.
pub(super) struct Outward {
    pub(super) url: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

/// What a provider sent somebody back with.
pub(super) struct Inward<'a> {
    pub(super) code: &'a str,
    pub(super) issuer: Option<&'a str>,
    pub(super) nonce: &'a str,
    pub(super) verifier: &'a str,
}

/// Whom a provider knows.
pub(super) struct Proved {
    pub(super) subject: String,
    pub(super) counts: bool,
}

/// A provider that is spoken to, and where it sends people back to.
pub(super) struct Talk<'a> {
    pub(super) provider: &'a Provider,
    pub(super) known: &'a Known,
    pub(super) http: &'a Http,
    pub(super) clock: &'a Clock,
    pub(super) back: String,
}

impl Talk<'_> {
    /// Where to send the browser.
    ///
    /// Errors: `Refused` `access.provider_away`, `access.provider_wrong`.
    pub(super) async fn send(&self) -> Result<Outward> {
        let metadata = self.metadata(false).await?;
        let back = RedirectUrl::new(self.back.clone()).map_err(Error::internal)?;
        let client = self.client(&metadata).set_redirect_uri(back);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let mut request = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge);
        for scope in &self.provider.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        if let Second::When(classes) = &self.provider.second {
            for class in classes {
                let class = AuthenticationContextClass::new(class.clone());
                request = request.add_auth_context_value(class);
            }
        }
        let (url, state, nonce) = request.url();
        if !is_safe(url.scheme(), url.host_str().unwrap_or_default()) {
            return Err(self.wrong("its page is at an address without TLS"));
        }
        Ok(Outward {
            url: url.to_string(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Whom the provider sent back.
    ///
    /// Errors: `Refused` `access.provider_away`, `access.provider_wrong`.
    pub(super) async fn receive(&self, inward: &Inward<'_>) -> Result<Proved> {
        let metadata = self.metadata(false).await?;
        let says = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match inward.issuer {
            Some(issuer) if issuer == self.provider.issuer.as_str() => {}
            None if !says => {}
            _ => return Err(self.wrong("another issuer sent somebody back")),
        }
        let back = RedirectUrl::new(self.back.clone()).map_err(Error::internal)?;
        let client = self.client(&metadata).set_redirect_uri(back);
        let exchange = client
            .exchange_code(AuthorizationCode::new(inward.code.to_owned()))
            .map_err(|_| self.wrong("it has no address for tokens"))?
            .set_pkce_verifier(PkceCodeVerifier::new(inward.verifier.to_owned()));
        let answer = exchange.request_async(self.http).await.map_err(|error| match error {
            RequestTokenError::Request(away) => self.away(&away),
            RequestTokenError::ServerResponse(_) => self.wrong("it gives nothing for the code"),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                self.wrong("its answer to the code is not to be read")
            }
        })?;
        let token = answer.id_token().ok_or_else(|| self.wrong("it sent no token"))?;
        match self.check(&metadata, token, inward.nonce) {
            // It may have a new key since it was asked for them.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                let metadata = self.metadata(true).await?;
                self.check(&metadata, token, inward.nonce)
            }
            checked => checked,
        }
        .map_err(|cause| self.wrong(&kind(&cause)))
    }

    fn check(
        &self,
        metadata: &Metadata,
        token: &CoreIdToken,
        nonce: &str,
    ) -> std::result::Result<Proved, ClaimsVerificationError> {
        let client = self.client(metadata);
        let now = self.clock.now().to_string();
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(SIGNATURES)
            .set_time_fn(move || now.parse().unwrap_or_default());
        let claims = token.claims(&verifier, &Nonce::new(nonce.to_owned()))?;
        let class = claims.auth_context_ref().map(|class| class.as_str());
        let subject = claims.subject().to_string();
        Ok(Proved { subject, counts: self.provider.counts(class) })
    }

    fn client(&self, metadata: &Metadata) -> SetUp {
        let id = ClientId::new(self.provider.client_id.clone());
        let secret = self.provider.client_secret.clone();
        let client = CoreClient::from_provider_metadata(metadata.clone(), id, secret);
        let ways = metadata.token_endpoint_auth_methods_supported();
        let takes = |way| ways.is_none_or(|ways| ways.contains(&way));
        // Where the provider says nothing, it is the head of the request (Discovery 1.0, 3).
        match takes(CoreClientAuthMethod::ClientSecretBasic) {
            true => client,
            false => client.set_auth_type(AuthType::RequestBody),
        }
    }

    async fn metadata(&self, anew: bool) -> Result<Arc<Metadata>> {
        let now = self.clock.now();
        if let Some((at, said)) = self.known.find(&self.provider.id) {
            match said {
                Some(metadata) if !anew && now.0 - at.0 <= KNOWN_MICROS => return Ok(metadata),
                None if now.0 - at.0 <= GONE_MICROS => {
                    return Err(self.away(&"it was away a moment ago"));
                }
                _ => {}
            }
        }
        let asked = Metadata::discover_async(self.provider.issuer.clone(), self.http).await;
        let said = asked.as_ref().ok().map(|metadata| Arc::new(metadata.clone()));
        self.known.keep(&self.provider.id, now, said.clone());
        match (asked, said) {
            (Ok(_), Some(metadata)) => Ok(metadata),
            (Err(DiscoveryError::Request(cause)), _) => Err(self.away(&cause)),
            (Err(DiscoveryError::Response(status, ..)), _) if status.is_server_error() => {
                Err(self.away(&status))
            }
            _ => Err(self.wrong("what it says of itself is not to be read, or of another")),
        }
    }

    fn away(&self, cause: &impl std::fmt::Display) -> Error {
        let provider = &self.provider.id;
        tracing::warn!(provider, %cause, "a provider is away");
        let names = self.provider.names.clone();
        Error::refused("access.provider_away", move |lang| {
            lang::providers::away(lang, names.say(lang))
        })
    }

    fn wrong(&self, cause: &str) -> Error {
        let provider = &self.provider.id;
        tracing::warn!(provider, cause, "the answer of a provider is refused");
        let names = self.provider.names.clone();
        Error::refused("access.provider_wrong", move |lang| {
            lang::providers::wrong(lang, names.say(lang))
        })
    }
}

type SetUp = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

/// What is wrong with a token, without anything that stands in it.
fn kind(error: &ClaimsVerificationError) -> String {
    let text = match error {
        ClaimsVerificationError::Expired(_) => "the token has expired",
        ClaimsVerificationError::InvalidAudience(_) => "the token is for somebody else",
        ClaimsVerificationError::InvalidIssuer(_) => "the token is of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "the token answers another question",
        ClaimsVerificationError::SignatureVerification(_) => "the signature does not hold",
        _ => "the token is not to be read",
    };
    text.to_owned()
}

impl Known {
    fn find(&self, id: &str) -> Option<Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn keep(&self, id: &str, now: Moment, said: Option<Arc<Metadata>>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(id.to_owned(), (now, said));
    }
}
