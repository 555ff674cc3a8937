namespace ModelRunner.Cli.Packaging;

/// <summary>A file that tells how much of it was read. A file, because a tar wants to know the length of what it takes.</summary>
internal sealed class WatchedFile(string path, Action<long> progress) : FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await base.ReadAsync(buffer, cancellationToken);
        progress(Position);
        return count;
    }
}
