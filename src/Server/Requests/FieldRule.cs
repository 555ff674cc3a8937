using System.Text.Json;

namespace ModelRunner.Server.Requests;

/// <summary>What must hold for the value of a field that is known.</summary>
/// <param name="value">The value; null and absent ones are never shown to a rule.</param>
/// <returns>The rule that the value breaks, to stand after the field's name; null when it is fine.</returns>
internal delegate string? FieldRule(JsonElement value);
