//! The limit: what a server of the same models takes that is compiled, with the same onnxruntime and the same answers, and does nothing
//! else: no batches, no checks beyond shapes, one thread.
//!
//!     rust-peer PORT LIBONNXRUNTIME PACKAGE...     prints {"url": ...} when it serves; with port 0, at a free one

use axum::{Router, body::Bytes, extract::{Path, State}, http::{HeaderMap, StatusCode}, response::IntoResponse, routing::post};
use ort::{environment::Environment, session::Session, value::TensorRef};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::HashMap, sync::{Arc, Mutex}};

const JSON_LENGTH: &str = "inference-header-content-length";
type Failure = Box<dyn std::error::Error>;

struct Model {
    version: String,
    bands: Vec<String>,
    is_last: bool,
    shape: [usize; 3],
    divisor: f32,
    classes: Vec<(String, i64)>,
    is_softmax: bool,
    session: Mutex<Session>,
}

#[derive(Deserialize)]
struct Input {
    id: Option<String>,
    image: Option<String>,
    bands: Option<HashMap<String, String>>,
    values: Option<Vec<Vec<u8>>>,
}

#[derive(Deserialize)]
struct Request {
    inputs: Vec<Input>,
}

#[derive(Serialize)]
struct Prediction<'a> {
    id: &'a Option<String>,
    class: &'a str,
    label: i64,
    probability: f32,
    probabilities: serde_json::Map<String, Value>,
    error: Option<String>,
}

impl Model {
    fn open(folder: &str, environment: &Environment) -> Result<Model, Failure> {
        let item: Value = serde_json::from_slice(&std::fs::read(format!("{folder}/item.json"))?)?;
        let about = &item["properties"];
        let (given, output) = (&about["mlm:input"][0], &about["mlm:output"][0]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let is_last = list(&given["input"]["dim_order"]).last() == Some(&json!("bands"));
        let sizes: Vec<usize> = list(&given["input"]["shape"])[1..].iter().map(|size| size.as_u64().unwrap_or(0) as usize).collect();
        let classes = list(&output["classification:classes"]);
        Ok(Model {
            version: text(&about["version"]),
            bands: list(&given["bands"]).iter().map(text).collect(),
            is_last,
            shape: if is_last { [sizes[2], sizes[0], sizes[1]] } else { [sizes[0], sizes[1], sizes[2]] },
            divisor: given["value_scaling"][0]["value"].as_f64().unwrap_or(1.0) as f32,
            classes: classes.iter().map(|one| (text(&one["name"]), one["value"].as_i64().unwrap_or(0))).collect(),
            is_softmax: output["post_processing_function"]["expression"] == "softmax",
            session: Mutex::new(Session::builder(environment)?.with_intra_threads(1)?.with_inter_threads(1)?.commit_from_file(format!("{folder}/model.onnx"))?),
        })
    }

    fn pixels(&self, input: &Input) -> Result<Vec<u8>, Failure> {
        if let Some(image) = &input.image {
            let file = base64_simd::STANDARD.decode_to_vec(image)?;
            let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info()?;
            let mut pixels = vec![0; reader.output_buffer_size().ok_or("too large")?];
            reader.next_frame(&mut pixels)?;
            return Ok(pixels);
        }
        if let Some(bands) = &input.bands {
            let mut pixels = Vec::with_capacity(self.shape.iter().product());
            for band in &self.bands {
                pixels.extend(base64_simd::STANDARD.decode_to_vec(bands.get(band).ok_or("no band")?)?);
            }
            return Ok(pixels);
        }
        Ok(input.values.as_ref().ok_or("no input")?.concat())
    }

    /// Of chips, band by band: a row of probabilities each.
    fn scores(&self, pixels: &[u8]) -> Result<Vec<f32>, Failure> {
        let [bands, height, width] = self.shape;
        let (size, area) = (bands * height * width, height * width);
        if pixels.is_empty() || pixels.len() % size != 0 {
            return Err("of another size".into());
        }
        let chips = pixels.len() / size;
        let scaled = |value: u8| f32::from(value) / self.divisor;
        let mut tensor = vec![0f32; pixels.len()];
        if self.is_last {
            for (at, &value) in pixels.iter().enumerate() {
                let (chip, band, pixel) = (at / size, at % size / area, at % area);
                tensor[chip * size + pixel * bands + band] = scaled(value);
            }
        } else {
            for (into, &value) in tensor.iter_mut().zip(pixels) {
                *into = scaled(value);
            }
        }
        let shape = if self.is_last { [chips, height, width, bands] } else { [chips, bands, height, width] };
        let mut session = self.session.lock().map_err(|_| "poisoned")?;
        let outputs = session.run(ort::inputs![TensorRef::from_array_view((shape, tensor.as_slice()))?])?;
        let mut scores = outputs[0].try_extract_tensor::<f32>()?.1.to_vec();
        if self.is_softmax {
            for row in scores.chunks_mut(self.classes.len()) {
                let most = row.iter().copied().fold(f32::MIN, f32::max);
                row.iter_mut().for_each(|value| *value = (*value - most).exp());
                let total: f32 = row.iter().sum();
                row.iter_mut().for_each(|value| *value /= total);
            }
        }
        Ok(scores)
    }

    fn predictions(&self, name: &str, body: &[u8]) -> Result<Vec<u8>, Failure> {
        let Request { inputs } = serde_json::from_slice(body)?;
        let mut pixels = Vec::new();
        for input in &inputs {
            pixels.extend(self.pixels(input)?);
        }
        let scores = self.scores(&pixels)?;
        let answers = inputs.iter().zip(scores.chunks(self.classes.len())).map(|(input, row)| {
            let best = (0..row.len()).reduce(|a, b| if row[b] > row[a] { b } else { a }).unwrap_or(0);
            let (class, label) = &self.classes[best];
            let probabilities = self.classes.iter().zip(row).map(|((name, _), &score)| (name.clone(), json!(score))).collect();
            Prediction { id: &input.id, class, label: *label, probability: row[best], probabilities, error: None }
        });
        let answers: Vec<Prediction> = answers.collect();
        Ok(serde_json::to_vec(&json!({ "model": name, "version": self.version, "predictions": answers }))?)
    }

    /// Open Inference Protocol: one binary tensor of uint8 comes in, and one of float32 goes out.
    fn infer(&self, name: &str, body: &[u8], length: usize) -> Result<(String, Vec<u8>), Failure> {
        let scores = self.scores(body.get(length..).ok_or("no tensor")?)?;
        let tensor: Vec<u8> = scores.iter().flat_map(|score| score.to_le_bytes()).collect();
        let shape = [scores.len() / self.classes.len(), self.classes.len()];
        let output = json!({ "name": "probabilities", "datatype": "FP32", "shape": shape, "parameters": { "binary_data_size": tensor.len() } });
        let mut body = serde_json::to_vec(&json!({ "model_name": name, "model_version": self.version, "outputs": [output] }))?;
        let length = body.len().to_string();
        body.extend(tensor);
        Ok((length, body))
    }
}

type Models = State<Arc<HashMap<String, Model>>>;

fn refused(error: Failure) -> (StatusCode, String) {
    (StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
}

async fn predictions(State(models): Models, Path(name): Path<String>, body: Bytes) -> impl IntoResponse {
    let model = models.get(&name).ok_or((StatusCode::NOT_FOUND, name.clone()))?;
    model.predictions(&name, &body).map(|body| ([("content-type", "application/json")], body)).map_err(refused)
}

async fn infer(State(models): Models, Path(name): Path<String>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let model = models.get(&name).ok_or((StatusCode::NOT_FOUND, name.clone()))?;
    let length = headers.get(JSON_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(usize::MAX);
    let (length, body) = model.infer(&name, &body, length).map_err(refused)?;
    Ok::<_, (StatusCode, String)>(([("content-type", "application/octet-stream".to_string()), (JSON_LENGTH, length)], body))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let environment = ort::init_from(&arguments[2])?.build()?;
    let mut models = HashMap::new();
    for folder in &arguments[3..] {
        let name = folder.rsplit('/').nth(1).unwrap_or_default().to_string();
        models.insert(name, Model::open(folder, &environment)?);
    }
    let app = Router::new()
        .route("/v1/models/{name}/predictions", post(predictions))
        .route("/v2/models/{name}/infer", post(infer))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(Arc::new(models));
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{}", arguments[1])).await?;
    println!("{}", json!({ "url": format!("http://{}", listener.local_addr()?) }));
    axum::serve(listener, app).await?;
    Ok(())
}
