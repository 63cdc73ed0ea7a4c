"use strict";

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  presets: [SwaggerUIBundle.presets.apis],
  defaultModelsExpandDepth: 0,
  // The default validator is another site.
  validatorUrl: null,
});
