//! Reads a dir: layout, and asks sealcheck's service about these bytes.
//!
//! Usage: sealcheck-verify SOCKET DIRECTORY IDENTITY
//! Exit code: 0 accepted, 1 rejected, 2 no verdict. Only 0 allows to install.

use std::{
    env,
    error::Error,
    fmt::{self, Display, Formatter},
    fs,
    io::ErrorKind,
    path::Path,
    process::ExitCode,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use zlink::{ReplyError, proxy, tokio::unix};

const PATIENCE: Duration = Duration::from_secs(60);

#[proxy("dev.sealcheck.Verify")]
trait Verify {
    async fn verify_bytes(
        &mut self,
        identity: &str,
        manifest: &str,
        signatures: &[String],
    ) -> zlink::Result<Result<Reply, Failure>>;
}

#[derive(Debug, Deserialize)]
struct Reply {
    verdict: Verdict,
}

/// The part that decides; dev.sealcheck.Verify.varlink has the rest.
#[derive(Debug, Deserialize)]
struct Verdict {
    outcome: Outcome,
    message: String,
    manifest_digest: String,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Accepted,
    Rejected,
}

/// Nothing was judged: this is no verdict, and no acceptance.
#[derive(Debug, ReplyError)]
#[zlink(interface = "dev.sealcheck.Verify")]
enum Failure {
    IdentityInvalid { code: String, message: String },
    PolicyUnusable { code: String, message: String },
    ImageUnusable { code: String, message: String },
    NotPermitted { code: String, message: String },
    LimitReached { code: String, message: String },
    InternalFailure { code: String, message: String },
}

impl Display for Failure {
    fn fmt(&self, output: &mut Formatter<'_>) -> fmt::Result {
        let (Self::IdentityInvalid { code, message }
        | Self::PolicyUnusable { code, message }
        | Self::ImageUnusable { code, message }
        | Self::NotPermitted { code, message }
        | Self::LimitReached { code, message }
        | Self::InternalFailure { code, message }) = self;
        write!(output, "{code}: {message}")
    }
}

fn read_signatures(directory: &Path) -> std::io::Result<Vec<String>> {
    let mut signatures = Vec::new();
    loop {
        match fs::read(directory.join(format!("signature-{}", signatures.len() + 1))) {
            Ok(bytes) => signatures.push(STANDARD.encode(bytes)),
            Err(problem) if problem.kind() == ErrorKind::NotFound => return Ok(signatures),
            Err(problem) => return Err(problem),
        }
    }
}

async fn verify(socket: &str, directory: &Path, identity: &str) -> Result<Outcome, Box<dyn Error>> {
    // Read once: what was judged is this buffer, and nothing else may be installed.
    let manifest = fs::read(directory.join("manifest.json"))?;
    let signatures = read_signatures(directory)?;
    let mut service = unix::connect(socket).await?;
    let reply = service
        .verify_bytes(identity, &STANDARD.encode(&manifest), &signatures)
        .await?;
    let Verdict {
        outcome,
        message,
        manifest_digest,
    } = match reply {
        Ok(Reply { verdict }) => verdict,
        Err(failure) => return Err(failure.to_string().into()),
    };
    println!("{message}");
    if outcome == Outcome::Accepted {
        println!(
            "Manifest to use: {manifest_digest}, {} bytes",
            manifest.len()
        );
    }
    Ok(outcome)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [socket, directory, identity] = arguments.as_slice() else {
        eprintln!("Usage: sealcheck-verify SOCKET DIRECTORY IDENTITY");
        return ExitCode::from(2);
    };
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| {
            runtime.block_on(async {
                tokio::time::timeout(PATIENCE, verify(socket, Path::new(directory), identity))
                    .await?
            })
        });
    match outcome {
        Ok(Outcome::Accepted) => ExitCode::SUCCESS,
        Ok(Outcome::Rejected) => ExitCode::from(1),
        Err(problem) => {
            eprintln!("no verdict: {problem}");
            ExitCode::from(2)
        }
    }
}
