"""The words that made-up tickets are put together from."""

from __future__ import annotations

FIRST = (
    "Alma", "Bruno", "Carla", "Dirk", "Esther", "Fadil", "Greta", "Hakan", "Ines", "Jürgen", "Kaya", "Lorenzo",
    "Milena", "Nils", "Odette", "Pavel", "Quinn", "Rosa", "Stellan", "Tova", "Uma", "Vito", "Wanda", "Yara",
)  # fmt: skip
LAST = (
    "Abendroth", "Bellweather", "Castellano", "Dunmore", "Esquivel", "Fairbank", "Gruber", "Holloway", "Ibarra",
    "Jansson", "Kowalczyk", "Löwe", "Marchetti", "Nakagawa", "O'Hearn", "Pettigrew", "Quiroga", "Rasmussen",
    "Sandoval", "Thibault", "Ulmer", "Vandermeer", "Winslow", "Ybarra",
)  # fmt: skip
TRADES = (
    "Plumbing", "Dental", "Law Group", "Bakery", "Logistics", "Roofing", "Orchards", "Realty", "Print Shop",
    "Accounting", "Machine Works", "Veterinary", "Cabinetry", "Travel", "Pharmacy", "Brewing",
)  # fmt: skip
STREETS = ("W Saguaro Way", "E Palo Verde Dr", "N Copper Ave", "S Mesquite St", "E Ocotillo Rd", "W Agave Blvd")
THINGS = (
    "Outlook", "The label printer", "The VPN", "Wi-Fi in the warehouse", "The file server", "A new laptop",
    "The phone system", "The nightly backup", "The accounting program", "The conference room display", "Teams",
    "The scanner at the front desk", "The firewall", "The card reader",
)  # fmt: skip
TROUBLES = (
    "is slow since Monday", "asks for a password again and again", "stopped after the update", "drops every hour",
    "has to be set up", "shows an error", "can't be reached from home", "is full", "makes a strange noise",
    "prints blank pages", "was moved and lost its settings", "needs a second user",
)  # fmt: skip
TAGS = ("server", "vip", "remote", "onsite", "hardware", "after-hours")
OPENINGS = (
    "Good morning, can somebody have a look?", "Hi team, this is back again.", "Sorry to bother you once more.",
    "We can't work like this.", "No hurry, but it would be nice to have it before Friday.", "Thanks for the call!",
    "It happens on both machines 😕", "Anbei ein Foto der Fehlermeldung, Grüße aus dem Büro.",
)  # fmt: skip
ANSWERS = (
    "Checked the event log, found the cause.", "Restarted the service and watched it for a while.",
    "Replaced the cable and tested with the customer.", "Called the vendor, they opened a case.",
    "Installed the pending updates.", "Removed the old driver and installed the current one.",
    "Gave the user the rights and explained where to find it.", "Restored the file from last night's backup.",
)  # fmt: skip
DETAILS = (
    "It began right after lunch.", "Nobody else in the office has it.", "The light on the front is amber.",
    "It is the one beside the window.", "We tried to turn it off and on.", "The message has the code 0x80070035.",
    "Please call before you come, the door is locked.", "It worked last week.", "The screenshot is attached.",
    "We have an audit on Thursday.",
)  # fmt: skip
