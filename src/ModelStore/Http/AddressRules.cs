using System.Net;
using System.Net.Sockets;

namespace ModelRunner.ModelStore.Http;

/// <summary>Which addresses a transfer may go to (IANA's special-purpose registries). Pure.</summary>
internal static class AddressRules
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
            "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            "::/127", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "ff00::/8",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    // Where clouds keep the credentials of a machine.
    private static readonly IPNetwork[] LinkLocal = [IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("fe80::/10")];

    /// <summary>Whether the address is one of the open internet.</summary>
    public static bool IsPublic(IPAddress address) => !IsIn(NotPublic, address);

    /// <summary>Whether the address holds for one link alone; nobody keeps a registry there.</summary>
    public static bool IsLinkLocal(IPAddress address) => IsIn(LinkLocal, address);

    private static bool IsIn(IPNetwork[] networks, IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
            || networks.Any(network => network.Contains(address));
    }
}
