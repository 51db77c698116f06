//! Drives an image proxy by the crate that bootc and rpm-ostree drive skopeo by, and prints what it got as one line of JSON:
//! `image-proxy-client SETTINGS COMMAND...`, where COMMAND is what stands in for skopeo, with its options.

use containers_image_proxy::oci_spec::image::Digest;
use containers_image_proxy::{Error, ImageProxy, ImageProxyConfig, OpenedImage};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::process::Command;
use tokio::io::{AsyncRead, AsyncReadExt};

type Result<T> = std::result::Result<T, Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut words = std::env::args().skip(1);
    let settings: Value = serde_json::from_str(&words.next().expect("settings")).expect("settings in JSON");
    let mut command = Command::new(words.next().expect("a command"));
    command.args(words);
    let printed = drive(&settings, command).await.unwrap_or_else(told);
    println!("{printed}");
}

/// `settings`: `image`; `auth`, a file with credentials, which is handed over as a descriptor; `insecure`, without TLS.
async fn drive(settings: &Value, command: Command) -> Result<Value> {
    let mut config = ImageProxyConfig::default();
    config.skopeo_cmd = Some(command);
    config.auth_data = settings["auth"].as_str().map(std::fs::File::open).transpose()?;
    config.insecure_skip_tls_verification = settings["insecure"].as_bool();
    let proxy = ImageProxy::new_with_config(config).await?;
    let name = settings["image"].as_str().expect("an image");
    let printed = match proxy.open_image_optional(name).await {
        Ok(Some(image)) => {
            let all = all_of(&proxy, &image).await.unwrap_or_else(told);
            proxy.close_image(&image).await?;
            all
        }
        Ok(None) => json!({ "absent": true }),
        Err(error) => told(error),
    };
    let protocol = proxy.protocol_version().to_string();
    proxy.finalize().await?;
    Ok(json!({ "protocol": protocol, "image": printed }))
}

async fn all_of(proxy: &ImageProxy, image: &OpenedImage) -> Result<Value> {
    let (digest, raw) = proxy.fetch_manifest_raw_oci(image).await?;
    let (_, manifest) = proxy.fetch_manifest(image).await?;
    let config = proxy.fetch_config(image).await?;
    let layers = proxy.get_layer_info(image).await?.unwrap_or_default();
    let mut blobs = Vec::new();
    for layer in &layers {
        blobs.push(json!({
            "digest": layer.digest.to_string(),
            "size": layer.size,
            "GetBlob": blob(proxy, image, &layer.digest, layer.size).await.unwrap_or_else(told),
            "GetRawBlob": stream(proxy, image, &layer.digest, layer.size).await.unwrap_or_else(told),
        }));
    }
    Ok(json!({
        "digest": digest,
        "manifest": format!("sha256:{}", hex::encode(Sha256::digest(&raw))),
        "layers": manifest.layers().len(),
        "diffIds": config.rootfs().diff_ids().len(),
        "blobs": blobs,
    }))
}

/// The proxy compares it with its digest.
async fn blob(proxy: &ImageProxy, image: &OpenedImage, digest: &Digest, size: u64) -> Result<Value> {
    let (reader, finish) = proxy.get_blob(image, digest, size).await?;
    let (sum, finished) = tokio::join!(sum_of(reader), finish);
    finished?;
    sum
}

/// The crate compares it with its digest.
async fn stream(proxy: &ImageProxy, image: &OpenedImage, digest: &Digest, size: u64) -> Result<Value> {
    let (reader, driver) = proxy.get_blob_stream(image, digest, size).await?.into_parts();
    let (sum, driven) = tokio::join!(sum_of(reader), driver);
    driven?;
    sum
}

/// What came, by its digest.
async fn sum_of(mut reader: impl AsyncRead + Unpin) -> Result<Value> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = reader.read(&mut buffer).await?;
        if count == 0 {
            return Ok(json!(format!("sha256:{}", hex::encode(hash.finalize()))));
        }
        hash.update(&buffer[..count]);
    }
}

fn told(error: Error) -> Value {
    json!({ "error": error.to_string(), "retryable": error.is_retryable() })
}
