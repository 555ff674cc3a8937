using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Abstractions.Tokens;

/// <summary>
/// Tries files that were not seen before where a native crash does no harm: in a throw-away child process.
/// Thread-safe.
/// </summary>
public interface IModelProbe
{
    /// <summary>
    /// Returns when the bundle has loaded and decoded one token in a child process, now or in an earlier run with
    /// the same files. Blocks for seconds.
    /// </summary>
    /// <param name="engine">The engine's name.</param>
    /// <param name="bundle">The files.</param>
    /// <param name="cancellationToken">Ends the child.</param>
    /// <exception cref="ModelLoadException">The child refused the files, or died from them.</exception>
    void Check(string engine, ModelBundle bundle, CancellationToken cancellationToken);
}
