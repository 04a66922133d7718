// Builds the two bundles, the fonts and one icon sprite into ../static/dist, every name carrying a hash,
// and writes manifest.json: {"app.css": "app-1a2b3c4d.css", …}, which gangway.ui.assets reads.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

const ICONS = join(import.meta.dirname, "src/icons");

// Of Basecoat's look we take what our macros stand on; the rest would only clash with our own names.
const LOOK = ["Button", "Textarea", "Input", "Native Select", "Badge", "Card", "Field", "Kbd", "Label", "Skeleton", "Table"];

/** Writes the parts of nova.css named above to node_modules/.nova.css, which app.css imports. */
function nova() {
  const whole = readFileSync(join(import.meta.dirname, "node_modules/basecoat-css/dist/styles/nova.css"), "utf8");
  const [, ...sections] = whole.replace(/\}\s*$/, "").split(/\n  \/\* (?=[A-Z])/);
  const kept = sections.filter((section) => LOOK.includes(section.slice(0, section.indexOf(" */"))));
  if (kept.length !== LOOK.length) throw new Error(`Basecoat's nova.css lost a section of: ${LOOK.join(", ")}`);
  const css = `@layer components {\n${kept.map((section) => `  /* ${section}`).join("\n")}\n}\n`;
  writeFileSync(join(import.meta.dirname, "node_modules/.nova.css"), css);
}

nova();

/** One <symbol> per file of src/icons; pages show one with <use href="icons-….svg#name">. */
function sprite() {
  const symbols = readdirSync(ICONS)
    .filter((name) => name.endsWith(".svg"))
    .sort()
    .map((name) => {
      const drawing = readFileSync(join(ICONS, name), "utf8").match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
      return `<symbol id="${name.slice(0, -4)}" viewBox="0 0 24 24">${drawing.replace(/\s*\n\s*/g, "")}</symbol>`;
    });
  return `<svg xmlns="http://www.w3.org/2000/svg"><!-- Lucide, ISC License -->${symbols.join("")}</svg>\n`;
}

/** Emits the sprite, the mark for the browser's tab and a flat manifest of everything that was written. */
function manifest() {
  return {
    name: "gangway-manifest",
    buildStart() {
      this.emitFile({ type: "asset", name: "mark.svg", source: readFileSync(join(import.meta.dirname, "src/mark.svg")) });
    },
    generateBundle(_, bundle) {
      const drawing = sprite();
      const hash = createHash("sha256").update(drawing).digest("hex").slice(0, 8);
      this.emitFile({ type: "asset", fileName: `assets/icons-${hash}.svg`, source: drawing });
      const files = [...Object.keys(bundle), `assets/icons-${hash}.svg`].map((file) => file.replace("assets/", "")).sort();
      const plain = (file) => file.replace(/-[\w-]{8}(\.\w+)$/, "$1");
      const entries = Object.fromEntries(files.map((file) => [plain(file), file]));
      this.emitFile({ type: "asset", fileName: "manifest.json", source: JSON.stringify(entries, null, 1) + "\n" });
    },
  };
}

export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [tailwindcss(), manifest()],
  build: {
    outDir: join(import.meta.dirname, "../static/dist"),
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content policy allows no data: addresses
    modulePreload: false,
    cssTarget: ["chrome123", "safari17.5", "firefox120"], // these know light-dark(); it is not translated
    rolldownOptions: {
      input: { app: "src/app.js", console: "src/console.js" },
      output: {
        entryFileNames: "assets/[name]-[hash:8].js",
        chunkFileNames: "assets/[name]-[hash:8].js",
        assetFileNames: "assets/[name]-[hash:8][extname]",
      },
    },
  },
});
