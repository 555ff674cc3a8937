using System.CommandLine;
using ModelRunner.Cli.Terminal;

namespace ModelRunner.Cli.Commands;

/// <summary><c>completion</c>: a script for the shell. The words come from this program's own <c>[suggest]</c>, models included.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            _modelrunner() {
              local line="${COMP_LINE:0:COMP_POINT}"
              local word="${line##* }" c
              COMPREPLY=()
              # Not by compgen -W, which runs what stands in a name as $(...). What comes onto the line is quoted.
              while IFS= read -r c; do [[ $c == "$word"* ]] && COMPREPLY+=("$(printf %q "$c")"); done \
                < <(modelrunner "[suggest:${#line}]" "$line" 2>/dev/null)
              # Bash breaks words at colons, and keeps what stands before the last one.
              if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then COMPREPLY=("${COMPREPLY[@]#"${word%:*}:"}"); fi
            }
            complete -F _modelrunner modelrunner
            """,
        ["zsh"] = """
            _modelrunner() { local words_; words_=("${(@f)$(modelrunner "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}"); compadd -a words_ }
            compdef _modelrunner modelrunner
            """,
        ["fish"] = """
            complete -f -c modelrunner -a '(modelrunner "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName modelrunner -ScriptBlock {
              param($word, $ast, $position)
              modelrunner "[suggest:$position]" "$ast" | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
            }
            """,
    };

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or pwsh." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Print a completion script.\n\nExample: source <(modelrunner completion bash)") { shell };
        command.SetAction((result, _) =>
        {
            result.Out().WriteLine(Scripts[result.GetRequiredValue(shell)]);
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }
}
