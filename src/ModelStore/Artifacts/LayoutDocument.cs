namespace ModelRunner.ModelStore.Artifacts;

/// <summary>The JSON of <c>layout.json</c>, which marks a folder as a store.</summary>
internal sealed record LayoutDocument(string Version)
{
    /// <summary>The version that Docker Model Runner writes.</summary>
    public const string Current = "1.0.0";
}
