using System.Net;

namespace ModelRunner.Cli.Packaging;

/// <summary>A package as the body of a request, written as it is sent.</summary>
internal sealed class PackageContent(Package package, IReadOnlyList<string> hashes, DateTimeOffset created, Action<long> progress) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        package.WriteAsync(stream, hashes, created, progress, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
