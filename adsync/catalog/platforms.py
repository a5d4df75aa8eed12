"""What Meta, LinkedIn, TikTok, Microsoft and Pinterest call the steps that Google has names for.

A star says that nobody has found the name in the platform's own documents. "custom" is an event of one's own there.
"""

from __future__ import annotations

from adsync.catalog.entries import names

# Meta's and TikTok's pixel events, LinkedIn's conversion type, Microsoft's goal category, Pinterest's event name.
OTHER = names("custom", "OTHER*", "custom", "Other", "custom")
ITEM = names("ViewContent", "VIEW_CONTENT*", "ViewContent", "PageView", "page_visit")
WISH_LIST = names("AddToWishlist", "ADD_TO_LIST*", "AddToWishlist", "Other", "add_to_wishlist")
CART = names("AddToCart", "ADD_TO_CART", "AddToCart", "AddToCart", "add_to_cart")
CHECKOUT = names("InitiateCheckout", "START_CHECKOUT*", "InitiateCheckout", "BeginCheckout", "initiate_checkout*")
PAYMENT = names("AddPaymentInfo", "ADD_BILLING_INFO*", "AddPaymentInfo", "Other", "add_payment_info")
SIGN_UP = names("CompleteRegistration", "SIGN_UP*", "CompleteRegistration", "Signup", "signup")
TRIAL = names("StartTrial", "START_TRIAL*", "StartTrial*", "Signup", "start_trial*")
LOGIN = names("custom", "LOGIN*", "custom", "Other", "custom")
DOWNLOAD = names("custom", "DOWNLOAD*", "Download", "Download", "custom")
LEAD = names("Lead", "LEAD", "Lead", "SubmitLeadForm", "lead")
MARKETING_LEAD = names("custom", "MARKETING_QUALIFIED_LEAD*", "custom", "Other", "custom")
QUALIFIED_LEAD = names("custom", "QUALIFIED_LEAD", "custom", "SubmitLeadForm", "custom")
CONVERTED_LEAD = names("Purchase", "SALES_QUALIFIED_LEAD*", "Purchase", "Purchase", "checkout")
APPOINTMENT = names("Schedule", "BOOK_APPOINTMENT*", "Schedule", "BookAppointment", "schedule*")
QUOTE = names("Lead", "REQUEST_QUOTE*", "Lead", "RequestQuote", "lead")
CONTACT = names("Contact", "CONTACT*", "Contact", "Contact", "contact")
CALL = names("Contact", "PHONE_CALL*", "Contact", "Contact", "contact")
VIDEO = names("custom", "VIEW_VIDEO*", "custom", "Other", "watch_video")
SEARCH = names("Search", "SEARCH*", "Search", "Other", "search")
SHARE = names("custom", "SHARE*", "custom", "Other", "custom")
PAGE = names("ViewContent", "KEY_PAGE_VIEW*", "ViewContent", "PageView", "page_visit")
SUBSCRIPTION = names("Subscribe", "SUBSCRIBE*", "Subscribe", "Subscribe", "subscribe*")
PURCHASE = names("Purchase", "PURCHASE", "Purchase", "Purchase", "checkout")
