using System.Text.RegularExpressions;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.ModelStore.HuggingFace;

/// <summary>A name of a Hugging Face repository: <c>hf.co/owner/repo[:choice][@revision]</c>.</summary>
/// <param name="Owner">As written.</param>
/// <param name="Repository">As written.</param>
/// <param name="Choice">A quantisation, or a folder of an ONNX model; null for the default.</param>
/// <param name="Revision">A branch, tag or commit.</param>
internal sealed partial record HubReference(string Owner, string Repository, string? Choice, string Revision)
{
    private const string DefaultRevision = "main";

    /// <summary>Whether the name is one of Hugging Face.</summary>
    public static bool Is(string name) =>
        name.TrimStart().StartsWith(ModelName.HuggingFaceShort, StringComparison.OrdinalIgnoreCase)
        || name.TrimStart().StartsWith(ModelName.HuggingFace, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a name.</summary>
    /// <exception cref="InvalidRequestException">It is not of that form.</exception>
    public static HubReference Parse(string name)
    {
        var match = Form().Match(name.Trim());
        if (!match.Success)
            throw new InvalidRequestException(
                $"'{name}' is no name of a model on Hugging Face: it must be hf.co/owner/repo, then ':' and a quantisation or a folder, then '@' and a revision.",
                "model");
        var choice = match.Groups["choice"].Value;
        var revision = match.Groups["revision"].Value;
        return new HubReference(
            match.Groups["owner"].Value,
            match.Groups["repo"].Value,
            choice is "" or "latest" or DefaultRevision ? null : choice,
            revision.Length > 0 ? revision : DefaultRevision);
    }

    [GeneratedRegex(
        @"^(?:hf\.co|huggingface\.co)/(?<owner>[\w][\w.-]{0,95})/(?<repo>[\w][\w.-]{0,95})(?::(?<choice>[\w][\w.-]{0,127}))?(?:@(?<revision>[\w][\w.-]{0,127}))?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
