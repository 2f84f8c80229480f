//! `xtask-bundle INPUT.wasm OUT_DIR NAME`: wasm-bindgen as a library, so that
//! nobody has to install its command line tool in the right version.

mod trim;

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, out_dir, name] = arguments.as_slice() else {
        eprintln!("usage: xtask-bundle INPUT.wasm OUT_DIR NAME");
        return ExitCode::from(2);
    };
    let mut module = match walrus::ModuleConfig::new()
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse_file(input)
    {
        Ok(module) => module,
        Err(error) => {
            eprintln!("{input}: {error:?}");
            return ExitCode::FAILURE;
        }
    };
    if trim::trim(&mut module) == 0 {
        eprintln!("{input}: found nothing to trim; does Leptos name its functions otherwise?");
        return ExitCode::FAILURE;
    }
    let mut bindgen = Bindgen::new();
    let generated = bindgen
        .input_module(name, module)
        .out_name(name)
        .typescript(false)
        .omit_default_module_path(false)
        .web(true)
        .and_then(|bindgen| bindgen.generate(out_dir));
    match generated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm-bindgen: {error:?}");
            ExitCode::FAILURE
        }
    }
}
