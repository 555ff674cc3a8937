namespace ModelRunner.ChatTemplates.Syntax;

/// <summary>A place in a template: both from 1.</summary>
internal readonly record struct Position(int Line, int Column);
