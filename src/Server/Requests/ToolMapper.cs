using System.Text.Json;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>The tools of a chat request and the choice among them.</summary>
internal static class ToolMapper
{
    // OpenAI's bound.
    private const int MaxTools = 128;

    /// <exception cref="Abstractions.Errors.InvalidRequestException">A tool is wrong; names it.</exception>
    public static IReadOnlyList<ChatTool> Map(in RequestReader request)
    {
        if (request.Array("tools", MaxTools) is not { } array) return [];
        var tools = new List<ChatTool>(array.GetArrayLength());
        foreach (var element in array.EnumerateArray())
        {
            var tool = request.Entry(element, $"tools[{tools.Count}]");
            if (tool.Text("type", Bounds.MaxNameLength) is not "function")
                throw tool.Invalid("type", "must be 'function'");
            var function = tool.Object("function") ?? throw tool.Invalid("function", "is required");
            var name = function.Text("name", Bounds.MaxNameLength);
            if (string.IsNullOrEmpty(name)) throw function.Invalid("name", "is required");
            if (tools.Exists(other => other.Name == name)) throw function.Invalid("name", "must be given to one tool only");
            var parameters = function.Object("parameters") is { } schema ? schema.Raw() : default;
            tools.Add(new(name, parameters, function.Flag("strict") ?? false, tool.Raw()));
        }

        return tools;
    }

    /// <exception cref="Abstractions.Errors.InvalidRequestException">The choice names what is not there.</exception>
    public static ToolChoice MapChoice(in RequestReader request, IReadOnlyList<ChatTool> tools)
    {
        if (request.Get("tool_choice") is not { } choice) return ToolChoice.Auto;
        if (choice.ValueKind == JsonValueKind.String)
        {
            var mode = request.TextOf(choice, "tool_choice") switch
            {
                "auto" => ToolChoiceMode.Auto,
                "none" => ToolChoiceMode.None,
                "required" or "any" => ToolChoiceMode.Required,
                _ => throw request.Invalid("tool_choice", "must be 'none', 'auto', 'required' or an object"),
            };
            return mode == ToolChoiceMode.Required && tools.Count == 0 ? throw WithoutTools(request) : new(mode, []);
        }

        var named = request.Object("tool_choice")!.Value;
        if (tools.Count == 0) throw WithoutTools(request);
        return named.Text("type", Bounds.MaxNameLength) switch
        {
            "function" => new(ToolChoiceMode.Required, [ReadName(named, tools)]),
            "allowed_tools" => MapAllowed(named.Object("allowed_tools") ?? named, tools),
            _ => throw named.Invalid("type", "must be 'function' or 'allowed_tools'"),
        };
    }

    private static ToolChoice MapAllowed(in RequestReader allowed, IReadOnlyList<ChatTool> tools)
    {
        var mode = allowed.Text("mode", Bounds.MaxNameLength) switch
        {
            null or "auto" => ToolChoiceMode.Auto,
            "required" => ToolChoiceMode.Required,
            _ => throw allowed.Invalid("mode", "must be 'auto' or 'required'"),
        };
        if (allowed.Array("tools", MaxTools) is not { } array || array.GetArrayLength() == 0)
            throw allowed.Invalid("tools", "is required, with at least one tool");
        var names = new List<string>();
        foreach (var element in array.EnumerateArray())
            names.Add(ReadName(allowed.Entry(element, $"tools[{names.Count}]"), tools));
        return new(mode, names);
    }

    private static string ReadName(in RequestReader tool, IReadOnlyList<ChatTool> tools)
    {
        var holder = tool.Object("function") ?? tool;
        var name = holder.Text("name", Bounds.MaxNameLength) ?? throw holder.Invalid("name", "is required");
        return tools.Any(other => other.Name == name) ? name : throw holder.Invalid("name", "must be the name of one of the tools");
    }

    private static Abstractions.Errors.InvalidRequestException WithoutTools(in RequestReader request) =>
        request.Invalid("tool_choice", "is only allowed when tools are given");
}
